// The dead stream: jobs that were given up, until a person replays or removes them. Thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "core/base/clock.h"
#include "core/queue/job_queue.h"
#include "core/queue/nats/nats_delivery.h"
#include "core/queue/nats/session.h"

namespace tintype {

class NatsDeadLetters {
 public:
  NatsDeadLetters(std::shared_ptr<Session> session, const Clock& clock);

  // Publishes, waits for the confirmation, and only then takes the message from its class: whatever fails between,
  // the job lies in both, never in none.
  Status bury(NatsDelivery& delivery, const Error& reason);
  Result<std::vector<DeadLetter>> list(std::uint64_t after, int max);
  Result<DeadLetter> read(std::uint64_t sequence);
  Status remove(std::uint64_t sequence);
  Result<std::uint64_t> count();

 private:
  // The first with at least `sequence`; kNotFound when there is none.
  Result<DeadLetter> first_from(std::uint64_t sequence);

  std::shared_ptr<Session> session_;
  const Clock& clock_;
  std::string stream_;
  std::string all_subjects_;
};

}  // namespace tintype
