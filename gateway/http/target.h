// The request target, taken apart and decoded. Pure; takes hostile text (fuzzed).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace tintype::http {

struct Target {
  std::vector<std::string> segments;  // "/v1/photos" -> {"v1", "photos"}; no '/', '\\', '.', '..' or control bytes
  std::vector<std::pair<std::string, std::string>> query;  // each name once, in the order they came

  // Null if it was not given.
  const std::string* find(std::string_view name) const;
};

// kInvalidArgument for anything but "/path[?query]": broken escapes, a segment that would climb or split,
// NUL, a name given twice, more than 64 of them. In the query '+' is a blank.
Result<Target> parse_target(std::string_view text);

// True if `text` is well-formed UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

}  // namespace tintype::http
