#include "scheduler/device_checks.h"

#include <format>

#include "core/base/metric_names.h"

namespace tintype {

Status DeviceChecksConfig::validate() const {
  if (first < 0 || one_in < 0)
    return fail(ErrorCode::kInvalidArgument, "a device's results cannot be checked less than never");
  return {};
}

DeviceChecks::DeviceChecks(const DeviceChecksConfig& config, Dispatcher& dispatcher, Metrics& metrics, Logger& log)
    : config_(config), dispatcher_(dispatcher), metrics_(metrics), log_(log) {}

LaneHealth DeviceChecks::health_of(const std::string& lane) const {
  const std::vector<LaneHealth> all = dispatcher_.lane_health();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (dispatcher_.lane_info(i).name == lane) return all[i];
  }
  return {};
}

bool DeviceChecks::is_due(const std::string& lane) {
  const std::uint64_t restarts = health_of(lane).restarts;
  const std::lock_guard lock(mutex_);
  Count& count = counts_[lane];
  if (count.restarts != restarts) count = {.restarts = restarts};
  ++count.unchecked;
  const bool is_fresh = config_.one_in > 0 && count.checked < static_cast<std::uint64_t>(config_.first);
  const bool is_sampled = config_.one_in > 0 && count.unchecked >= static_cast<std::uint64_t>(config_.one_in);
  return is_fresh || is_sampled || count.is_owed;
}

void DeviceChecks::equal(const std::string& lane) {
  metrics_.counter(metric::kLaneChecks, label({{"lane", lane}, {"result", "equal"}})).add();
  const std::lock_guard lock(mutex_);
  Count& count = counts_[lane];
  ++count.checked;
  count.unchecked = 0;
  count.is_owed = false;
}

void DeviceChecks::not_done(const std::string& lane, const Error& cause) {
  metrics_.counter(metric::kLaneChecks, label({{"lane", lane}, {"result", "not_done"}})).add();
  log_.warning("lane_check_not_done", {{"lane", lane}, {"cause", cause.to_string()}});
  const std::lock_guard lock(mutex_);
  counts_[lane].is_owed = true;
}

std::string DeviceChecks::differs(const std::string& lane, const Job& job, const std::string& what) {
  std::string reason;
  {
    const std::lock_guard lock(mutex_);
    const std::uint64_t unchecked = counts_[lane].unchecked;
    const std::uint64_t before = unchecked > 0 ? unchecked - 1 : 0;  // this one was compared
    reason = std::format(
        "for job {} it gave another {} than the CPU, whose is kept; {} tasks of it since its last check were not "
        "compared; \"tintype devices --verify\" tests it, docs/devices.md tells what to do",
        job.id.to_string(), what, before);
    disbelieved_.try_emplace(lane, reason);
  }
  metrics_.counter(metric::kLaneChecks, label({{"lane", lane}, {"result", "differs"}})).add();
  log_.error("lane_differs", {{"lane", lane}, {"job", job.id}, {"what", what}, {"reason", reason}});
  dispatcher_.take_out_of_service(lane, reason);
  return reason;
}

std::string DeviceChecks::why_not_believed(const std::string& lane) const {
  const std::lock_guard lock(mutex_);
  const auto found = disbelieved_.find(lane);
  return found == disbelieved_.end() ? "" : found->second;
}

}  // namespace tintype
