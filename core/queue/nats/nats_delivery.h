// NatsDelivery: a message of a class stream, owned until it is settled.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/queue/job_queue.h"
#include "core/queue/nats/handles.h"
#include "core/queue/nats/session.h"

namespace tintype {

class NatsDelivery final : public Delivery {
 public:
  // kCorruptData if `message` was not delivered by a JetStream consumer.
  static Result<std::unique_ptr<NatsDelivery>> take(std::shared_ptr<Session> session, JobClass job_class,
                                                    MessageHandle message);

  const Result<Job>& job() const override { return job_; }
  std::string_view raw() const override;
  std::uint32_t delivery_count() const override { return delivery_count_; }

  Status ack() override;
  Status in_progress() override;
  Status nak(std::chrono::milliseconds delay) override;

  // Gone for good, without having been done: only for what lies among the dead letters already.
  Status terminate();

  JobClass job_class() const { return class_; }
  const Session* session() const { return session_.get(); }
  // Of the message rather than the delivery: the same at each redelivery, and no other message's.
  std::string unique_name() const;

 private:
  NatsDelivery(std::shared_ptr<Session> session, JobClass job_class, MessageHandle message, const jsMsgMetaData& meta);
  Status settle(std::string_view verb, std::string_view doing);
  const char* reply_subject() const { return natsMsg_GetReply(message_.get()); }

  std::shared_ptr<Session> session_;
  JobClass class_;
  MessageHandle message_;
  Result<Job> job_;
  std::uint32_t delivery_count_;
  std::uint64_t sequence_;
  std::int64_t stored_at_ns_;
};

}  // namespace tintype
