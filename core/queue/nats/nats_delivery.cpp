#include "core/queue/nats/nats_delivery.h"

#include <format>

#include "core/queue/nats/nats_error.h"

namespace tintype {

Result<std::unique_ptr<NatsDelivery>> NatsDelivery::take(std::shared_ptr<Session> session, JobClass job_class,
                                                         MessageHandle message) {
  jsMsgMetaData* raw_meta = nullptr;
  const natsStatus status = natsMsg_GetMetaData(&raw_meta, message.get());
  const MetaDataHandle meta(raw_meta);
  if (status != NATS_OK) {
    return fail(ErrorCode::kCorruptData, nats_error(status, {}, "reading a delivery's metadata").message);
  }
  return std::unique_ptr<NatsDelivery>(new NatsDelivery(std::move(session), job_class, std::move(message), *meta));
}

NatsDelivery::NatsDelivery(std::shared_ptr<Session> session, JobClass job_class, MessageHandle message,
                           const jsMsgMetaData& meta)
    : session_(std::move(session)),
      class_(job_class),
      message_(std::move(message)),
      job_(parse_job(raw())),
      delivery_count_(static_cast<std::uint32_t>(meta.NumDelivered)),
      sequence_(meta.Sequence.Stream),
      stored_at_ns_(meta.Timestamp) {}

std::string_view NatsDelivery::raw() const {
  return {natsMsg_GetData(message_.get()), static_cast<std::size_t>(natsMsg_GetDataLength(message_.get()))};
}

Status NatsDelivery::ack() { return settle("+ACK", "acknowledging"); }

Status NatsDelivery::in_progress() { return session_->tell(reply_subject(), "+WPI", "keeping a delivery"); }

Status NatsDelivery::nak(std::chrono::milliseconds delay) {
  if (delay <= delay.zero()) return settle("-NAK", "giving back");
  return settle(std::format("-NAK {{\"delay\":{}}}", std::chrono::nanoseconds(delay).count()), "giving back");
}

Status NatsDelivery::terminate() { return settle("+TERM", "removing"); }

std::string NatsDelivery::unique_name() const {
  return std::format("{}.{}.{}", job_class_name(class_), sequence_, stored_at_ns_);
}

Status NatsDelivery::settle(std::string_view verb, std::string_view doing) {
  const std::string what = job_ ? std::format("{} job {}", doing, job_->id.to_string())
                                : std::format("{} message {} of {}", doing, sequence_, job_class_name(class_));
  return session_->request(reply_subject(), verb, what);
}

}  // namespace tintype
