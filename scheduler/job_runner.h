// JobRunner: one job from its message to its ack. Read run() in job_runner.cpp to follow the farm.
//
// Safe to repeat at every point: variants are written under names of this attempt, the manifest's
// compare-and-set is the only visible step, and only then the message is acked. Thread-safe: many jobs at once,
// one a thread.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/job/plan.h"
#include "core/queue/event_log.h"
#include "core/queue/job_queue.h"
#include "scheduler/active_jobs.h"
#include "scheduler/dispatcher.h"
#include "scheduler/lease.h"
#include "storage_client/blob_store.h"
#include "storage_client/job_store.h"
#include "storage_client/photo_index.h"

namespace tintype {

struct JobRunnerConfig {
  std::string node = "node";  // in attempts and logs
  int max_attempts = 3;       // that failed by the job's own doing
  int max_deliveries = 200;   // whatever the reason: with the delays, most of a day
  std::chrono::milliseconds retry_first_after{1'000};  // doubles from there
  Limits limits;
  std::chrono::milliseconds task_timeout{120'000};         // of a task...
  std::chrono::milliseconds task_timeout_a_megapixel{3'000};  // ...and more for what it encodes
};

struct JobRunnerServices {
  BlobStore& blobs;
  PhotoIndex& index;
  JobStore& jobs;
  JobQueue& queue;
  EventLog& events;
  Dispatcher& dispatcher;
  const Clock& clock;
  Metrics& metrics;
  Logger& log;
};

class JobRunner {
 public:
  JobRunner(const JobRunnerConfig& config, const JobRunnerServices& services);

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
  struct Made;  // what the lanes made of a photo

  Status make_variants(const Job& job, Attempt& attempt, JobRecord& record);
  Result<std::shared_ptr<const SourceBuffer>> fetch_source(const Photo& photo);
  Result<SourceInfo> probe_source(const Job& job, std::shared_ptr<const SourceBuffer> source, Attempt& attempt);
  Result<Made> run_plan(const Job& job, const SourceInfo& info, const Plan& plan,
                        std::shared_ptr<const SourceBuffer> source, Attempt& attempt);
  Result<Made> run_fused(const Job& job, const SourceInfo& info, const Plan& plan,
                         std::shared_ptr<const SourceBuffer> source, Attempt& attempt);
  Result<Made> run_split(const Job& job, const SourceInfo& info, const Plan& plan,
                         std::shared_ptr<const SourceBuffer> source, Attempt& attempt);
  Result<TaskResult> run_task(Task task, Attempt& attempt);
  Result<Manifest> store_variants(const Job& job, const Photo& photo, const SourceInfo& info, const Plan& plan,
                                  Made& made);
  Status commit(const Job& job, const Manifest& before, const Manifest& manifest, const Made& made);
  void remove_blobs(const std::vector<Variant>& variants, const Manifest* keep);

  Result<JobRecord> begin_attempt(const Job& job, Attempt& attempt);
  // Of a photo that was deleted: its job leaves nothing behind.
  void forget_record(const Job& job);
  void end_attempt(const JobRecord& record, const Attempt& attempt, JobState state);
  void settle(const Job& job, Delivery& delivery, JobRecord record, Attempt attempt, const Status& status);
  void give_up(const Job& job, Delivery& delivery, JobRecord record, Attempt attempt, const Error& reason);
  void publish(const Job& job, std::string_view type, const JobRecord& record, const Error& error);

  const JobRunnerConfig config_;
  const JobRunnerServices services_;
  LeaseKeeper leases_;
  ActiveJobs active_;
  std::atomic<bool> shutting_down_ = false;
  std::atomic<std::uint64_t> next_order_ = 1;
};

}  // namespace tintype
