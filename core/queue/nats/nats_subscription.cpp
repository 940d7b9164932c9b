#include "core/queue/nats/nats_subscription.h"

#include "core/queue/nats/nats_error.h"

namespace tintype {

Result<std::unique_ptr<NatsSubscription>> NatsSubscription::open(std::shared_ptr<Session> session,
                                                                 const std::string& subject,
                                                                 std::function<void(std::string_view)> on_body,
                                                                 std::string_view doing) {
  natsConnection* const connection = session->connection();
  const auto timeout_ms = session->config().request_timeout.count();
  std::unique_ptr<NatsSubscription> opened(new NatsSubscription(std::move(session), std::move(on_body)));
  natsSubscription* raw_subscription = nullptr;
  natsStatus status =
      natsConnection_Subscribe(&raw_subscription, connection, subject.c_str(), on_message, opened.get());
  if (status != NATS_OK) return fail(nats_error(status, {}, doing));
  SubscriptionHandle subscription(raw_subscription);
  status = natsSubscription_SetOnCompleteCB(raw_subscription, on_complete, opened.get());
  if (status != NATS_OK) return fail(nats_error(status, {}, doing));
  opened->subscription_ = std::move(subscription);
  // "From when this returns" means that the server knows of us.
  status = natsConnection_FlushTimeout(connection, timeout_ms);
  if (status != NATS_OK) return fail(nats_error(status, {}, doing));
  return opened;
}

NatsSubscription::~NatsSubscription() {
  if (!subscription_) return;
  natsSubscription_Unsubscribe(subscription_.get());
  std::unique_lock lock(mutex_);
  completed_.wait(lock, [this] { return complete_; });
}

void NatsSubscription::on_message(natsConnection*, natsSubscription*, natsMsg* raw_message, void* closure) {
  const MessageHandle message(raw_message);
  static_cast<NatsSubscription*>(closure)->on_body_(
      {natsMsg_GetData(raw_message), static_cast<std::size_t>(natsMsg_GetDataLength(raw_message))});
}

void NatsSubscription::on_complete(void* closure) {
  auto* self = static_cast<NatsSubscription*>(closure);
  // Notified under the lock: the destructor may go on as soon as it is released.
  std::lock_guard lock(self->mutex_);
  self->complete_ = true;
  self->completed_.notify_all();
}

}  // namespace tintype
