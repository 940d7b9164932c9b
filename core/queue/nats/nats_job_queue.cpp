#include "core/queue/nats/nats_job_queue.h"

#include <format>

#include "core/queue/nats/names.h"
#include "core/queue/nats/nats_delivery.h"

namespace tintype {

Result<std::unique_ptr<NatsJobQueue>> NatsJobQueue::open(std::shared_ptr<Session> session, const Clock& clock) {
  Consumers consumers;
  for (JobClass job_class : kJobClasses) {
    TT_ASSIGN(consumers[static_cast<std::size_t>(job_class)], PullConsumer::open(session, job_class));
  }
  return std::unique_ptr<NatsJobQueue>(new NatsJobQueue(std::move(session), std::move(consumers), clock));
}

NatsJobQueue::NatsJobQueue(std::shared_ptr<Session> session, Consumers consumers, const Clock& clock)
    : session_(std::move(session)), consumers_(std::move(consumers)), dead_letters_(session_, clock) {}

NatsJobQueue::~NatsJobQueue() {
  for (const auto& consumer : consumers_) consumer->stop();
}

Result<PublishAck> NatsJobQueue::publish(const Job& job) {
  const NatsQueueConfig& config = session_->config();
  return session_->publish(nats_names::job_subject(config.name_prefix, job, config.shards), to_json(job),
                           job.message_id(), std::format("publishing job {}", job.id.to_string()));
}

Result<std::vector<std::unique_ptr<Delivery>>> NatsJobQueue::fetch(JobClass job_class, int max,
                                                                   std::chrono::milliseconds wait) {
  if (max < 1) return fail(ErrorCode::kInvalidArgument, "at least one delivery must be asked for");
  // Both live on while we wait, also when the queue is destroyed.
  const std::shared_ptr<Session> session = session_;
  const std::shared_ptr<PullConsumer> consumer = consumers_[static_cast<std::size_t>(job_class)];
  TT_ASSIGN(std::vector<MessageHandle> messages, consumer->pull(max, wait));
  std::vector<std::unique_ptr<Delivery>> deliveries;
  deliveries.reserve(messages.size());
  for (MessageHandle& message : messages) {
    TT_ASSIGN(deliveries.emplace_back(), NatsDelivery::take(session, job_class, std::move(message)));
  }
  return deliveries;
}

Status NatsJobQueue::dead_letter(Delivery& delivery, const Error& reason) {
  auto* ours = dynamic_cast<NatsDelivery*>(&delivery);
  if (!ours || ours->session() != session_.get()) {
    return fail(ErrorCode::kInvalidArgument, "the delivery came from another queue");
  }
  return dead_letters_.bury(*ours, reason);
}

Result<std::vector<DeadLetter>> NatsJobQueue::dead_letters(std::uint64_t after, int max) {
  return dead_letters_.list(after, max);
}
Result<DeadLetter> NatsJobQueue::read_dead_letter(std::uint64_t sequence) { return dead_letters_.read(sequence); }
Status NatsJobQueue::remove_dead_letter(std::uint64_t sequence) { return dead_letters_.remove(sequence); }

Result<ClassDepth> NatsJobQueue::class_depth(JobClass job_class) {
  const std::string stream = nats_names::jobs_stream(session_->config().name_prefix, job_class);
  jsConsumerInfo* raw_info = nullptr;
  jsErrCode code{};
  natsStatus status =
      js_GetConsumerInfo(&raw_info, session_->jetstream(), stream.c_str(), nats_names::kConsumer, nullptr, &code);
  const ConsumerInfoHandle info(raw_info);
  if (status != NATS_OK) {
    return fail(session_->error(status, code, std::format("looking up the depth of {}", job_class_name(job_class))));
  }
  ClassDepth depth{.job_class = job_class,
                   .waiting = info->NumPending,
                   .in_flight = static_cast<std::uint64_t>(info->NumAckPending)};
  jsStreamInfo* raw_stream = nullptr;
  // A work queue's stream holds what is not done: its first message is the oldest.
  status = js_GetStreamInfo(&raw_stream, session_->jetstream(), stream.c_str(), nullptr, &code);
  const StreamInfoHandle held(raw_stream);
  if (status != NATS_OK) {
    return fail(session_->error(status, code, std::format("looking up the oldest of {}", job_class_name(job_class))));
  }
  if (held->State.Msgs > 0) depth.oldest_at_ms = held->State.FirstTime / 1'000'000;
  return depth;
}

Result<QueueDepth> NatsJobQueue::depth() {
  TT_TRY(session_->ready());
  QueueDepth depth;
  for (JobClass job_class : kJobClasses) {
    TT_ASSIGN(depth.classes.emplace_back(), class_depth(job_class));
  }
  TT_ASSIGN(depth.dead, dead_letters_.count());
  return depth;
}

Status NatsJobQueue::health() {
  TT_TRY(session_->ready());
  // Answered by the consumer, so stream, consumer and JetStream itself are all there.
  for (JobClass job_class : kJobClasses) TT_TRY(class_depth(job_class));
  return {};
}

}  // namespace tintype
