#include "scheduler/yielding.h"

#include <algorithm>
#include <format>

namespace tintype {

Status YieldingConfig::validate() const {
  for (const double mark : {cpu_high, memory_high, io_high}) {
    if (mark <= 0 || mark > 1)
      return fail(ErrorCode::kInvalidArgument, "a pressure's high mark must be above 0 and at most 1");
  }
  return {};
}

bool Yielding::look(const Pressure& pressure) {
  if (!config_.enabled) return false;
  struct Resource {
    const char* name;
    double now, high;
  };
  const Resource resources[] = {{"cpu", pressure.cpu, config_.cpu_high},
                                {"memory", pressure.memory, config_.memory_high},
                                {"io", pressure.io, config_.io_high}};
  const auto worst = std::ranges::max_element(resources, {}, [](const Resource& r) { return r.now / r.high; });
  const int before = bulk_slots_;
  if (worst->now > worst->high) {
    bulk_slots_ = std::max(1, bulk_slots_ / 2);
    reason_ = std::format("{} pressure {:.0f} %", worst->name, 100 * worst->now);
  } else if (worst->now < worst->high / 2) {
    bulk_slots_ = std::min(slots_, bulk_slots_ * 2);
  }
  if (bulk_slots_ == slots_) reason_.clear();
  return bulk_slots_ != before;
}

}  // namespace tintype
