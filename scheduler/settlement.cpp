#include "scheduler/settlement.h"

#include <algorithm>
#include <span>
#include <utility>

#include "core/base/metric_names.h"
#include "scheduler/disposition.h"

namespace tintype {
namespace {

// Before this one, of this message, by the job's own doing: the last ones, one a delivery. One whose node died left no
// attempt, so that a replayed job may be given up sooner by it. Times would not tell: clocks step, and differ.
int failed_attempts(const JobRecord& record, int deliveries) {
  const auto before = static_cast<std::size_t>(std::max(0, deliveries - 1));
  const auto of_message = std::span(record.attempts).last(std::min(before, record.attempts.size()));
  return static_cast<int>(std::ranges::count_if(of_message, [](const Attempt& attempt) {
    return attempt.error && disposition_of(attempt.error->code) == Disposition::kRetry;
  }));
}

}  // namespace

Settlement::Settlement(const JobRunnerConfig& config, const JobServices& services, AttemptRecords& records)
    : config_(config), services_(services), records_(records) {}

void Settlement::settle(const Job& job, Delivery& delivery, JobRecord record, Attempt attempt, const Status& status) {
  attempt.ended_at_ms = services_.clock.now_ms();
  Status told;
  if (status) {
    told = done(job, delivery, record, attempt);
  } else {
    const Error& reason = status.error();
    attempt.error = reason;
    const int deliveries = static_cast<int>(delivery.delivery_count());
    const int failures = failed_attempts(record, deliveries) + 1;
    switch (disposition_of(reason.code)) {
      case Disposition::kForget:
        told = forgotten(job, delivery, record, attempt, reason);
        break;
      case Disposition::kRetryForever:
        told = deliveries >= config_.max_deliveries ? given_up(job, delivery, std::move(record), attempt, reason)
                                                    : again(job, delivery, record, attempt, reason, deliveries);
        break;
      case Disposition::kRetry:
        told = failures >= config_.max_attempts || is_past_deadline(job, services_.clock)
                   ? given_up(job, delivery, std::move(record), attempt, reason)
                   : again(job, delivery, record, attempt, reason, failures);
        break;
      case Disposition::kGiveUp:
        told = given_up(job, delivery, std::move(record), attempt, reason);
        break;
    }
  }
  if (!told) {  // it will come again, and be found settled
    services_.log.warning("job_not_settled", {{"job", job.id}, {"cause", told.error().message}});
  }
}

Status Settlement::done(const Job& job, Delivery& delivery, const JobRecord& record, const Attempt& attempt) {
  records_.end(record, attempt, JobState::kDone);
  const double seconds = seconds_between(attempt.started_at_ms, attempt.ended_at_ms);
  count_finished(job, "done");
  services_.metrics.histogram(metric::kJobSeconds, label({{"class", job_class_name(job.job_class)}})).observe(seconds);
  services_.log.info("job_done",
                     {{"job", job.id}, {"photo", job.photo}, {"trace", job.trace_id}, {"seconds", seconds}});
  publish(job, "job.done", record, {});
  return delivery.ack();
}

Status Settlement::forgotten(const Job& job, Delivery& delivery, const JobRecord& record, const Attempt& attempt,
                             const Error& reason) {
  count_finished(job, "cancelled");
  if (record.job.generation <= job.generation) {
    // The photo may be gone, which is fine; if it is there, it must not be enqueued again.
    const Status marked = services_.index.set_failed(job.owner, job.photo);
    if (!marked && marked.error().code == ErrorCode::kNotFound) {
      records_.forget(job);
    } else {
      records_.end(record, attempt, JobState::kCancelled);
    }
    publish(job, "job.cancelled", record, reason);
  }
  services_.log.info("job_cancelled", {{"job", job.id}, {"trace", job.trace_id}, {"cause", reason.message}});
  return delivery.ack();
}

Status Settlement::again(const Job& job, Delivery& delivery, const JobRecord& record, const Attempt& attempt,
                         const Error& reason, int after_failures) {
  services_.metrics.counter(metric::kJobRetries, label({{"cause", error_name(reason.code)}})).add();
  records_.end(record, attempt, JobState::kQueued);
  services_.log.info("job_not_done", {{"job", job.id},
                                      {"trace", job.trace_id},
                                      {"code", error_name(reason.code)},
                                      {"cause", reason.message},
                                      {"attempt", attempt.number}});
  return delivery.nak(retry_delay(config_.retry_first_after, after_failures));
}

// Marked as failed first: a crash before the dead letter costs one more attempt, never a job that hangs about.
Status Settlement::given_up(const Job& job, Delivery& delivery, JobRecord record, const Attempt& attempt,
                            const Error& reason) {
  record.failure = reason;
  Status buried = services_.index.set_failed(job.owner, job.photo);
  if (!buried && buried.error().code == ErrorCode::kNotFound) {  // deleted meanwhile: nobody is to find it again
    records_.forget(job);
    return delivery.ack();
  }
  if (buried) {
    records_.end(record, attempt, JobState::kFailed);
    // Nobody can replay a job whose photo only passed through: its asker knows.
    buried = job.asked_by.empty() ? services_.queue.dead_letter(delivery, reason) : delivery.ack();
  }
  if (!buried) {
    services_.log.warning("dead_letter_failed", {{"job", job.id}, {"cause", buried.error().message}});
    return delivery.nak(retry_delay(config_.retry_first_after, static_cast<int>(delivery.delivery_count())));
  }
  services_.metrics.counter(metric::kDeadLetters, label({{"cause", error_name(reason.code)}})).add();
  count_finished(job, "failed");
  services_.log.info(
      "job_given_up",
      {{"job", job.id}, {"trace", job.trace_id}, {"code", error_name(reason.code)}, {"cause", reason.message}});
  publish(job, "job.failed", record, reason);
  return {};
}

void Settlement::hand_back(const Job& job, Delivery& delivery) {
  if (const Status told = delivery.nak(std::chrono::milliseconds(0)); !told) {
    services_.log.warning("job_not_settled", {{"job", job.id}, {"cause", told.error().message}});
  }
}

void Settlement::settle_unreadable(Delivery& delivery) {
  const Error& reason = delivery.job().error();
  const auto deliveries = static_cast<int>(delivery.delivery_count());
  if (reason.code == ErrorCode::kUnsupported && deliveries < config_.max_deliveries) {
    services_.log.warning("job_of_newer_program", {{"cause", reason.message}, {"deliveries", deliveries}});
    (void)delivery.nak(retry_delay(config_.retry_first_after, deliveries));
    return;
  }
  services_.log.error("job_unreadable", {{"cause", reason.message}});
  services_.metrics.counter(metric::kDeadLetters, label({{"cause", error_name(reason.code)}})).add();
  if (const Status buried = services_.queue.dead_letter(delivery, reason); !buried) {
    services_.log.warning("dead_letter_failed", {{"cause", buried.error().message}});
  }
}

void Settlement::count_finished(const Job& job, std::string_view result) {
  services_.metrics
      .counter(metric::kJobsFinished, label({{"class", job_class_name(job.job_class)}, {"result", result}}))
      .add();
}

void Settlement::publish(const Job& job, std::string_view type, const JobRecord& record, const Error& error) {
  Event event;
  event.id = job.message_id() + "." + std::string(type);
  event.type = type;
  event.owner = job.requester();
  event.photo = job.photo;
  event.job = job.id;
  event.batch = job.batch;
  event.at_ms = services_.clock.now_ms();
  event.error = error;
  event.bytes_in = record.bytes_in;
  event.bytes_out = record.bytes_out;
  if (const Status published = services_.events.publish(event); !published) {
    services_.log.warning("event_not_published", {{"job", job.id}, {"cause", published.error().message}});
  }
}

}  // namespace tintype
