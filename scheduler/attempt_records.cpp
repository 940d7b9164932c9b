#include "scheduler/attempt_records.h"

#include <algorithm>
#include <utility>

#include "core/base/metric_names.h"

namespace tintype {
namespace {

constexpr std::size_t kKeptAttempts = 10;

}  // namespace

AttemptRecords::AttemptRecords(const JobRunnerConfig& config, const JobServices& services)
    : config_(config), services_(services) {}

Result<JobRecord> AttemptRecords::begin(const Job& job, Attempt& attempt) {
  attempt.node = config_.node;
  attempt.started_at_ms = services_.clock.now_ms();
  const auto start = [&](JobRecord& record) {
    if (record.cancel_requested || record.job.generation > job.generation) return false;
    record.job = job;
    record.state = JobState::kRunning;
    record.failure.reset();
    record.updated_at_ms = attempt.started_at_ms;
    return true;
  };
  Result<JobRecord> record = services_.jobs.update(job.id, start);
  if (!record && record.error().code == ErrorCode::kNotFound) {
    JobRecord fresh{.job = job};
    start(fresh);
    TT_TRY(services_.jobs.put(fresh));
    record = std::move(fresh);
  }
  if (!record) return record;
  attempt.number = record->attempts.empty() ? 1 : record->attempts.back().number + 1;
  if (attempt.number == 1) {
    services_.metrics.histogram(metric::kJobWaitSeconds, label({{"class", job_class_name(job.job_class)}}))
        .observe(seconds_between(job.enqueued_at_ms, attempt.started_at_ms));
  }
  return record;
}

void AttemptRecords::end(const JobRecord& record, const Attempt& attempt, JobState state) {
  const auto end = [&](JobRecord& stored) {
    stored.state = state;
    stored.failure = record.failure;
    stored.bytes_in = record.bytes_in;
    stored.bytes_out = record.bytes_out;
    stored.updated_at_ms = services_.clock.now_ms();
    stored.attempts.push_back(attempt);
    if (stored.attempts.size() > kKeptAttempts) stored.attempts.erase(stored.attempts.begin());
    return true;
  };
  const Result<JobRecord> updated = services_.jobs.update(record.job.id, end);
  if (!updated) {
    services_.log.warning("job_record_not_kept", {{"job", record.job.id}, {"cause", updated.error().message}});
  }
}

void AttemptRecords::forget(const Job& job) {
  if (const Status removed = services_.jobs.remove(job.id); !removed) {
    services_.log.warning("job_record_not_removed", {{"job", job.id}, {"cause", removed.error().message}});
  }
}

}  // namespace tintype
