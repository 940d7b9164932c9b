// Result<T>: a value or an Error. Nothing in Tintype throws across a function of its own.
//
//   Result<Bytes> read_all(const std::string& path);
//   TT_ASSIGN(Bytes data, read_all(path));   // returns the Error to our caller, or binds the value
//   TT_TRY(write_all(path, data));           // the same for Result<void>
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "core/base/error.h"

namespace tintype {

template <typename T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

using Status = Result<void>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace tintype

#define TT_CONCAT_INNER_(a, b) a##b
#define TT_CONCAT_(a, b) TT_CONCAT_INNER_(a, b)

// Returns the error of `expr` (a Result) from the enclosing function, or goes on.
#define TT_TRY(expr)                                                                                  \
  do {                                                                                                \
    if (auto tt_result_ = (expr); !tt_result_) return ::tintype::fail(std::move(tt_result_).error()); \
  } while (false)

// Declares or assigns `lhs` from the value of `expr`, or returns its error.
#define TT_ASSIGN(lhs, expr) TT_ASSIGN_INNER_(TT_CONCAT_(tt_result_, __LINE__), lhs, expr)
#define TT_ASSIGN_INNER_(tmp, lhs, expr)                    \
  auto tmp = (expr);                                        \
  if (!tmp) return ::tintype::fail(std::move(tmp).error()); \
  lhs = std::move(*tmp)
