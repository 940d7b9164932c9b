#include "gateway/jobs/job_publisher.h"

#include <format>

#include "core/base/metric_names.h"

namespace tintype {
namespace {

constexpr double kProbePauseSeconds = 1;

}  // namespace

Status JobPublisher::publish(const Job& job) {
  Status published = try_publish(job);
  if (published) return {};
  metrics_.counter(metric::kQueuePublishFailures).add();
  log_.warning("job_not_enqueued", {{"job", job.id},
                                    {"photo", job.photo},
                                    {"error", published.error().to_string()},
                                    {"remedy", "the sweeper enqueues it"}});
  return published;
}

Status JobPublisher::try_publish(const Job& job) {
  if (!enter()) return fail(ErrorCode::kUnavailable, "the queue could not be reached a moment ago");
  const auto answer = queue_.publish(job);
  const bool full = !answer && answer.error().code == ErrorCode::kQueueFull;
  leave(answer || full);
  if (!answer) return fail(answer.error());
  if (answer->duplicate) {
    return fail(ErrorCode::kInternal,
                std::format("the queue took job {} for a duplicate and dropped it", job.message_id()));
  }
  return {};
}

bool JobPublisher::enter() {
  std::lock_guard lock(mutex_);
  if (reachable_) return true;
  if (probing_ || clock_.steady_seconds() < probe_at_seconds_) return false;
  probing_ = true;
  return true;
}

void JobPublisher::leave(bool reached) {
  std::lock_guard lock(mutex_);
  reachable_ = reached;
  probing_ = false;
  probe_at_seconds_ = clock_.steady_seconds() + kProbePauseSeconds;
}

}  // namespace tintype
