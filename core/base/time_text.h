// RFC 3339 text for UnixMs.
#pragma once

#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace tintype {

// "2026-11-22T08:09:21.123Z". A time outside the years 1 to 9999 is written as the nearest inside.
std::string to_rfc3339(UnixMs time_ms);

// Takes RFC 3339 with any offset, a bare date "2026-11-22" (its first instant, UTC), or whole milliseconds
// since 1970. Years 1 to 9999.
Result<UnixMs> parse_time(std::string_view text);

}  // namespace tintype
