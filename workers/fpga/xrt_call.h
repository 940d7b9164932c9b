// Where XRT's exceptions end: each becomes an Error that says what was being done.
#pragma once

#include <cerrno>
#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include "core/base/result.h"

namespace tintype {

inline std::unexpected<Error> xrt_failure(const std::string& doing, const std::string& why, int number) {
  if (number == ENOMEM)
    return fail(ErrorCode::kOutOfMemory, "the FPGA card has no memory left for " + doing + ": " + why);
  if (number == EBUSY)
    return fail(ErrorCode::kUnavailable,
                "the FPGA card is in use by another program, so " + doing + " failed; stop that program");
  return fail(ErrorCode::kUnavailable,
              doing + " on the FPGA card failed: " + why + "; `tintype devices` shows whether it is there");
}

// Calls `call`, which may throw; `doing` reads like "loading x.xclbin".
template <typename Call>
auto xrt_call(const std::string& doing, Call call) -> Result<std::invoke_result_t<Call>> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Call>>) {
      call();
      return {};
    } else {
      return call();
    }
  } catch (const std::bad_alloc& error) {
    return xrt_failure(doing, error.what(), ENOMEM);
  } catch (const std::system_error& error) {
    // XRT gives errnos with either sign.
    return xrt_failure(doing, error.what(), error.code().value() < 0 ? -error.code().value() : error.code().value());
  } catch (const std::exception& error) {
    return xrt_failure(doing, error.what(), 0);
  }
}

}  // namespace tintype
