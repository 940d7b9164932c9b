// DeviceChecks: which of a device's finished tasks are done again on the CPU, to be compared before anything is stored.
//
// The first few of a lane that is new or was restarted, then one in so many. A difference is not an accident:
// arithmetic on integers is either right or broken, so the lane is out of service from then on. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/base/result.h"
#include "core/job/job.h"
#include "scheduler/dispatcher.h"

namespace tintype {

struct DeviceChecksConfig {
  int first = 4;     // of a fresh lane
  int one_in = 200;  // then; 0: none at all

  Status validate() const;
};

class DeviceChecks {
 public:
  // All must outlive it.
  DeviceChecks(const DeviceChecksConfig& config, Dispatcher& dispatcher, Metrics& metrics, Logger& log);

  // Counts a finished task; whether it is to be checked. Of a check that cannot be done, not_done() is told, and the
  // next task is checked instead.
  bool is_due(const std::string& lane);
  void equal(const std::string& lane);
  void not_done(const std::string& lane, const Error& cause);
  // The alarm. `what`: for people, the variants or pictures that differ. Answers why the lane is out of service.
  std::string differs(const std::string& lane, const Job& job, const std::string& what);

  // Why the lane is not to be believed, also for what it has just finished; empty: it is.
  std::string why_not_believed(const std::string& lane) const;

 private:
  struct Count {
    std::uint64_t restarts = 0;  // of the lane, when counting began
    std::uint64_t checked = 0;
    std::uint64_t unchecked = 0;  // since the last check
    bool is_owed = false;
  };
  LaneHealth health_of(const std::string& lane) const;

  const DeviceChecksConfig config_;
  Dispatcher& dispatcher_;
  Metrics& metrics_;
  Logger& log_;
  mutable std::mutex mutex_;
  std::map<std::string, Count> counts_;
  std::map<std::string, std::string> disbelieved_;
};

}  // namespace tintype
