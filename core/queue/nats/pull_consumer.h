// PullConsumer: asks one class's durable consumer for messages. Its inbox lives as long as it does, over
// reconnects.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/job/job.h"
#include "core/queue/nats/handles.h"
#include "core/queue/nats/session.h"

namespace tintype {

class PullConsumer {
 public:
  static Result<std::shared_ptr<PullConsumer>> open(std::shared_ptr<Session> session, JobClass job_class);

  // Up to `max` messages: what there is now, or else the first to come within `wait`. Thread-safe; callers take
  // turns, and one whose turn does not come in time gets nothing.
  Result<std::vector<MessageHandle>> pull(int max, std::chrono::milliseconds wait);

  // Ends the pull under way, and every later one, with kUnavailable. Thread-safe.
  void stop();

 private:
  using Instant = std::chrono::steady_clock::time_point;

  PullConsumer(std::shared_ptr<Session> session, JobClass job_class);
  Result<std::vector<MessageHandle>> ask(int max, std::chrono::milliseconds wait);
  void discard_leftovers();
  // What a message without a job says; true when it ends the request.
  Result<bool> read_status(natsMsg* message, const std::string& inbox) const;

  const std::shared_ptr<Session> session_;
  const JobClass class_;
  const std::string request_subject_;
  std::string inbox_;  // of all requests; each has its own token after it
  SubscriptionHandle subscription_;
  std::timed_mutex turn_;
  std::uint64_t requests_ = 0;  // under turn_
  std::atomic<bool> stopped_ = false;
};

}  // namespace tintype
