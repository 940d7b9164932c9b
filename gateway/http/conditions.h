// Conditional and range requests (RFC 9110, 13 and 14). Pure; takes hostile text (fuzzed).
#pragma once

#include <cstdint>
#include <string_view>

namespace tintype::http {

enum class RangeKind : std::uint8_t {
  kWhole,  // no range, several, or not one we read: the whole is sent
  kPart,
  kUnsatisfiable,  // 416
};

struct RangeAnswer {
  RangeKind kind = RangeKind::kWhole;
  std::uint64_t offset = 0;  // of kPart
  std::uint64_t length = 0;  // of kPart; at least 1
};

// `header` is the value of Range ("bytes=0-99", "bytes=-500", "bytes=100-"), `size` the size of the whole.
RangeAnswer parse_range(std::string_view header, std::uint64_t size);

// If-None-Match: "*" or a list of entity tags, compared weakly. `etag` is strong and quoted.
bool matches_any_etag(std::string_view if_none_match, std::string_view etag);

// If-Range: true when the range is to be honoured. A date never matches: we send none.
bool if_range_holds(std::string_view if_range, std::string_view etag);

}  // namespace tintype::http
