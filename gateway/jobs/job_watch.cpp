#include "gateway/jobs/job_watch.h"

namespace tintype {

struct JobWatch::Waiting {
  std::mutex mutex;
  bool ended = false;
  std::function<void()> wake;
};

Result<std::unique_ptr<JobWatch::Ticket>> JobWatch::watch(JobId job) {
  {
    const std::lock_guard lock(subscribing_);
    if (!subscription_) {
      TT_ASSIGN(subscription_, log_.subscribe([this](const Event& event) { on_event(event); }));
    }
  }
  auto waiting = std::make_shared<Waiting>();
  const std::lock_guard lock(mutex_);
  waiting_[job] = waiting;
  return std::make_unique<Ticket>(*this, job, std::move(waiting));
}

void JobWatch::stop() {
  const std::lock_guard lock(subscribing_);
  subscription_.reset();
}

void JobWatch::on_event(const Event& event) {
  if (event.type != "job.done" && event.type != "job.failed" && event.type != "job.cancelled") return;
  std::shared_ptr<Waiting> waiting;
  {
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(event.job);
    if (found == waiting_.end()) return;
    waiting = found->second;
  }
  const std::lock_guard lock(waiting->mutex);
  waiting->ended = true;
  if (waiting->wake) waiting->wake();
}

void JobWatch::forget(JobId job) {
  const std::lock_guard lock(mutex_);
  waiting_.erase(job);
}

JobWatch::Ticket::Ticket(JobWatch& watch, JobId job, std::shared_ptr<Waiting> waiting)
    : watch_(watch), job_(job), waiting_(std::move(waiting)) {}

JobWatch::Ticket::~Ticket() {
  watch_.forget(job_);
  // An event that was found just before must not wake who is gone.
  const std::lock_guard lock(waiting_->mutex);
  waiting_->wake = nullptr;
}

void JobWatch::Ticket::on_end(std::function<void()> wake) {
  const std::lock_guard lock(waiting_->mutex);
  waiting_->wake = std::move(wake);
  if (waiting_->ended) waiting_->wake();
}

}  // namespace tintype
