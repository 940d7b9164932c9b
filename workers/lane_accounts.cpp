#include "workers/lane_accounts.h"

#include <string_view>

#include "core/base/metric_names.h"

namespace tintype {

LaneAccounts::LaneAccounts(Metrics& metrics, const std::string& lane)
    : metrics_(metrics),
      lane_(lane),
      task_seconds_(metrics.histogram(metric::kTaskSeconds, label({{"lane", lane}}))),
      busy_slots_(metrics.gauge(metric::kLaneBusy, label({{"lane", lane}}))) {}

void LaneAccounts::task_ended(const Result<TaskResult>& result) {
  const std::string_view outcome = result ? "ok" : error_name(result.error().code);
  metrics_.counter(metric::kTasks, label({{"lane", lane_}, {"result", outcome}})).add();
  if (result) task_seconds_.observe(result->work_seconds);
  std::lock_guard lock(mutex_);
  ++(result ? health_.tasks_done : health_.tasks_failed);
}

void LaneAccounts::child_lost() {
  std::lock_guard lock(mutex_);
  ++health_.restarts;
}

void LaneAccounts::out_of_service(const std::string& reason) {
  std::lock_guard lock(mutex_);
  health_.state = LaneState::kOutOfService;
  health_.reason = reason;
}

void LaneAccounts::in_service() {
  std::lock_guard lock(mutex_);
  health_.state = LaneState::kReady;
  health_.reason.clear();
}

LaneHealth LaneAccounts::health() const {
  std::lock_guard lock(mutex_);
  return health_;
}

}  // namespace tintype
