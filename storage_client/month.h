// Calendar months in UTC, as numbers that any time in milliseconds has: 0 is January 1970, the month before
// it is -1.
#pragma once

#include <cstdint>

#include "core/base/clock.h"

namespace tintype {

std::int64_t month_of(UnixMs time_ms);
// Its first millisecond; the nearest there is for a month that begins before milliseconds do.
UnixMs start_of_month(std::int64_t month);

}  // namespace tintype
