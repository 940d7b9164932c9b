// NatsJobQueue: JobQueue over a Session.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "core/base/clock.h"
#include "core/queue/job_queue.h"
#include "core/queue/nats/nats_dead_letters.h"
#include "core/queue/nats/pull_consumer.h"
#include "core/queue/nats/session.h"

namespace tintype {

class NatsJobQueue final : public JobQueue {
 public:
  static Result<std::unique_ptr<NatsJobQueue>> open(std::shared_ptr<Session> session, const Clock& clock);
  // Ends fetches that are under way, with kUnavailable.
  ~NatsJobQueue() override;

  std::chrono::milliseconds ack_wait() const override { return session_->config().ack_wait; }
  Result<PublishAck> publish(const Job& job) override;
  Result<std::vector<std::unique_ptr<Delivery>>> fetch(JobClass job_class, int max,
                                                       std::chrono::milliseconds wait) override;
  Status dead_letter(Delivery& delivery, const Error& reason) override;
  Result<std::vector<DeadLetter>> dead_letters(std::uint64_t after, int max) override;
  Result<DeadLetter> read_dead_letter(std::uint64_t sequence) override;
  Status remove_dead_letter(std::uint64_t sequence) override;
  Result<QueueDepth> depth() override;
  Status health() override;

 private:
  // In the order of kJobClasses. Shared with the fetches under way.
  using Consumers = std::array<std::shared_ptr<PullConsumer>, std::size(kJobClasses)>;

  NatsJobQueue(std::shared_ptr<Session> session, Consumers consumers, const Clock& clock);
  Result<ClassDepth> class_depth(JobClass job_class);

  std::shared_ptr<Session> session_;
  Consumers consumers_;
  NatsDeadLetters dead_letters_;
};

}  // namespace tintype
