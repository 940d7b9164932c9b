#include "core/queue/nats/nats_event_log.h"

#include <condition_variable>
#include <format>
#include <mutex>

#include "core/queue/nats/handles.h"
#include "core/queue/nats/names.h"
#include "core/queue/nats/nats_error.h"

namespace tintype {
namespace {

class NatsSubscription final : public EventSubscription {
 public:
  NatsSubscription(std::shared_ptr<Session> session, std::function<void(const Event&)> on_event)
      : session_(std::move(session)), on_event_(std::move(on_event)) {}

  Status start() {
    const std::string subject = nats_names::event_subject(session_->config().name_prefix, ">");
    natsSubscription* raw_subscription = nullptr;
    natsStatus status =
        natsConnection_Subscribe(&raw_subscription, session_->connection(), subject.c_str(), on_message, this);
    if (status != NATS_OK) return fail(nats_error(status, {}, "subscribing to events"));
    SubscriptionHandle subscription(raw_subscription);
    status = natsSubscription_SetOnCompleteCB(raw_subscription, on_complete, this);
    if (status != NATS_OK) return fail(nats_error(status, {}, "subscribing to events"));
    subscription_ = std::move(subscription);
    // "From now on" means that the server knows of us.
    status = natsConnection_FlushTimeout(session_->connection(), session_->config().request_timeout.count());
    if (status != NATS_OK) return fail(nats_error(status, {}, "subscribing to events"));
    return {};
  }

  ~NatsSubscription() override {
    if (!subscription_) return;
    natsSubscription_Unsubscribe(subscription_.get());
    std::unique_lock lock(mutex_);
    completed_.wait(lock, [this] { return complete_; });
  }

 private:
  static void on_message(natsConnection*, natsSubscription*, natsMsg* raw_message, void* closure) {
    const MessageHandle message(raw_message);
    auto* self = static_cast<NatsSubscription*>(closure);
    auto event = parse_event(
        {natsMsg_GetData(raw_message), static_cast<std::size_t>(natsMsg_GetDataLength(raw_message))});
    if (event) {
      self->on_event_(*event);
    } else {
      self->session_->log().warning("event_unreadable", {{"cause", event.error().message}});
    }
  }

  static void on_complete(void* closure) {
    auto* self = static_cast<NatsSubscription*>(closure);
    // Notified under the lock: the destructor may go on as soon as it is released.
    std::lock_guard lock(self->mutex_);
    self->complete_ = true;
    self->completed_.notify_all();
  }

  std::shared_ptr<Session> session_;
  const std::function<void(const Event&)> on_event_;
  SubscriptionHandle subscription_;
  std::mutex mutex_;
  std::condition_variable completed_;
  bool complete_ = false;
};

}  // namespace

Status NatsEventLog::publish(const Event& event) {
  const std::string subject = nats_names::event_subject(session_->config().name_prefix, event.type);
  const std::string body = to_json(event);
  const std::string doing = std::format("publishing event {}", event.id);
  if (event.type == "job.running") return session_->tell(subject, body, doing);
  // A repeated event is a duplicate to the stream and still news to subscribers, who know its id.
  TT_TRY(session_->publish(subject, body, event.id, doing));
  return {};
}

Result<std::unique_ptr<EventSubscription>> NatsEventLog::subscribe(std::function<void(const Event&)> on_event) {
  auto subscription = std::make_unique<NatsSubscription>(session_, std::move(on_event));
  TT_TRY(subscription->start());
  return subscription;
}

}  // namespace tintype
