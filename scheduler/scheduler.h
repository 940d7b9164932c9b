// Scheduler: one node of the farm. Pulls jobs of every class as its lanes have room for them, and runs them.
//
// Nodes need no coordination: all pull from the same queues, each at the pace of its own lanes. Threads: for each
// class, as many as all lanes have slots and one more (so that a job's reading and committing overlap with the
// lanes' work), each running one job at a time; one for the sweeper; one that watches the machine's
// pressure; one that keeps leases.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/queue/event_log.h"
#include "core/queue/job_queue.h"
#include "scheduler/cost_model.h"
#include "scheduler/dispatcher.h"
#include "scheduler/job_runner.h"
#include "scheduler/sweeper.h"
#include "scheduler/yielding.h"

namespace tintype {

struct SchedulerConfig {
  JobRunnerConfig runner;
  DispatcherConfig dispatcher;
  SweeperConfig sweeper;
  YieldingConfig pressure;
  std::function<Pressure()> read_pressure = [] { return tintype::read_pressure(); };
  std::chrono::milliseconds watch_period{1'000};  // of the pressure and the lanes' state
  std::chrono::milliseconds fetch_wait{500};
  std::chrono::milliseconds drain_timeout{20'000};

  Status validate() const;
};

struct SchedulerServices {
  BlobStore& blobs;
  PhotoIndex& index;
  JobStore& jobs;
  JobQueue& queue;
  EventLog& events;
  const Clock& clock;
  Metrics& metrics;
  Logger& log;
};

// One lane, as it stands: for `devices`.
struct LaneReport {
  LaneInfo info;
  LaneHealth health;
  std::vector<LearnedRate> rates;
};

// What bulk jobs may have of this machine, as it stands.
struct YieldReport {
  Pressure pressure;
  int slots = 0, bulk_slots = 0;
  std::string reason;  // "" when they may have all
};

class Scheduler {
 public:
  // `lanes` and everything in `services` must outlive it.
  Scheduler(const SchedulerConfig& config, const SchedulerServices& services, std::vector<Lane*> lanes);
  ~Scheduler();  // drains

  Status start();
  // Takes no more jobs; those that run may end within drain_timeout, then go back to the queue.
  void drain();

  std::vector<LaneReport> lanes() const;
  // kUnavailable names the lanes that are out of service, and why.
  Status check_lanes() const;
  YieldReport yielding() const;

 private:
  void pull(JobClass job_class);
  void watch(const std::stop_token& stop);
  void look_at_the_machine();

  const SchedulerConfig config_;
  const SchedulerServices services_;
  const std::vector<Lane*> lanes_;
  CostModel costs_;
  Dispatcher dispatcher_;
  JobRunner runner_;
  Sweeper sweeper_;
  std::unique_ptr<EventSubscription> cancellations_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> running_ = 0;
  std::vector<std::thread> threads_;
  Yielding yielding_;
  mutable std::mutex watch_mutex_;
  std::condition_variable_any watch_wake_;
  YieldReport yield_report_;  // guarded by watch_mutex_
  std::jthread watch_;
};

}  // namespace tintype
