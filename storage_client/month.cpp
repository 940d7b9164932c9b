#include "storage_client/month.h"

#include <algorithm>
#include <chrono>
#include <limits>

namespace tintype {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
// The calendar repeats itself after so long: no year needs to be larger than std::chrono's are.
constexpr std::int64_t kCycleYears = 400, kCycleMonths = 12 * kCycleYears, kCycleDays = 146'097;

constexpr std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

}  // namespace

std::int64_t month_of(UnixMs time_ms) {
  const std::int64_t day = floor_divide(time_ms, kDayMs);
  const std::int64_t cycle = floor_divide(day, kCycleDays);
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day - cycle * kCycleDays))};
  return cycle * kCycleMonths + (static_cast<int>(date.year()) - 1970) * 12 +
         static_cast<int>(static_cast<unsigned>(date.month())) - 1;
}

UnixMs start_of_month(std::int64_t month) {
  const std::int64_t cycle = floor_divide(month, kCycleMonths);
  const auto within = static_cast<int>(month - cycle * kCycleMonths);
  const std::chrono::sys_days first = std::chrono::year(1970 + within / 12) / (within % 12 + 1) / 1;
  const std::int64_t day = cycle * kCycleDays + first.time_since_epoch().count();
  constexpr std::int64_t kLastDay = std::numeric_limits<UnixMs>::max() / kDayMs;
  if (day < -kLastDay) return std::numeric_limits<UnixMs>::min();
  return std::min(day, kLastDay) * kDayMs;
}

}  // namespace tintype
