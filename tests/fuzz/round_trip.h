// What was read must be written as something that reads the same.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace tintype {

// `parse` and `write` are of one type; two writings are compared, so the type needs no ==.
template <typename Parse, typename Write>
void check_round_trip(ByteView input, Parse parse, Write write) {
  const auto first = parse(as_text(input));
  if (!first) {
    if (first.error().message.empty()) std::abort();
    return;
  }
  const std::string written = write(*first);
  const auto again = parse(written);
  if (!again || write(*again) != written) {
    std::fprintf(stderr, "does not come back: %s\n%s\n", written.c_str(),
                 again ? write(*again).c_str() : again.error().message.c_str());
    std::abort();
  }
}

}  // namespace tintype
