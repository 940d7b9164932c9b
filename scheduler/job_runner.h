// JobRunner: one job from its message to its ack. Read run() in job_runner.cpp to follow the farm.
//
// Safe to repeat at every point: variants are written under names of this attempt, the manifest's
// compare-and-set is the only visible step, and only then the message is acked. Thread-safe: many jobs at once,
// one a thread.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "scheduler/active_jobs.h"
#include "scheduler/attempt_records.h"
#include "scheduler/job_services.h"
#include "scheduler/lease.h"
#include "scheduler/plan_runner.h"
#include "scheduler/settlement.h"

namespace tintype {

class JobRunner {
 public:
  JobRunner(const JobRunnerConfig& config, const JobServices& services);

  // Settles the delivery, whatever happens (or leaves it to the ack-wait when the queue is out of reach).
  void run(std::unique_ptr<Delivery> delivery);

  // Stops the job if it runs here; its message is acked.
  void cancel(JobId job);
  // From now on, an attempt that is cut short by the dispatcher goes back to the queue at once.
  void begin_shutdown() { shutting_down_ = true; }
  // Cuts short what runs.
  void stop_all();

  bool is_active(JobId job) const { return active_.is_active(job); }

 private:
  Status make_variants(const Job& job, Attempt& attempt, JobRecord& record);
  Result<std::shared_ptr<const SourceBuffer>> fetch_source(const Photo& photo);
  Result<Manifest> store_variants(const Job& job, const Photo& photo, const SourceInfo& info, const Plan& plan,
                                  Made& made);
  Status commit(const Job& job, const Manifest& before, const Manifest& manifest, const Made& made);
  void remove_blobs(const std::vector<Variant>& variants, const Manifest* keep);

  const JobRunnerConfig config_;
  const JobServices services_;
  LeaseKeeper leases_;
  PlanRunner plans_;
  AttemptRecords records_;
  Settlement settlement_;
  ActiveJobs active_;
  std::atomic<bool> shutting_down_ = false;
};

}  // namespace tintype
