// PullConsumer: asks one class's durable consumer for messages. Its inbox serves all requests, over reconnects, until
// one of them has to be given up.
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
  // A new inbox instead of the one there was.
  Status subscribe();
  Result<std::vector<MessageHandle>> ask(int max, std::chrono::milliseconds wait);
  // What comes for a request that was sent after the session's disconnect number `disconnects`.
  Result<std::vector<MessageHandle>> receive(int max, std::chrono::milliseconds wait, std::uint64_t disconnects);
  // What a message without a job says; true when it ends the request.
  Result<bool> read_status(natsMsg* message) const;

  const std::shared_ptr<Session> session_;
  const std::string doing_;
  const std::string request_subject_;
  std::timed_mutex turn_;
  std::string inbox_;           // under turn_; each request has its own token after it
  std::uint64_t requests_ = 0;  // under turn_
  bool unanswered_ = false;     // under turn_; the last request was given up, and the server may yet serve it
  std::mutex subscription_mutex_;
  SubscriptionHandle subscription_;  // replaced under both locks, so either is enough to use it
  std::atomic<bool> stopped_ = false;
};

}  // namespace tintype
