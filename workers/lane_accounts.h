// LaneAccounts: what a lane has done and how it fares, as metrics and as LaneHealth. Thread-safe.
#pragma once

#include <mutex>
#include <string>

#include "core/base/metrics.h"
#include "core/base/result.h"
#include "workers/lane.h"

namespace tintype {

class LaneAccounts {
 public:
  LaneAccounts(Metrics& metrics, const std::string& lane);

  void task_ended(const Result<TaskResult>& result);
  void slots_busy(std::size_t slots) { busy_slots_.set(static_cast<double>(slots)); }
  void child_lost();
  void out_of_service(const std::string& reason);
  void in_service();
  LaneHealth health() const;

 private:
  Metrics& metrics_;
  const std::string lane_;
  Histogram& task_seconds_;
  Gauge& busy_slots_;
  mutable std::mutex mutex_;
  LaneHealth health_;
};

}  // namespace tintype
