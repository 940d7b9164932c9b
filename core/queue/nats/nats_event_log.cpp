#include "core/queue/nats/nats_event_log.h"

#include <format>

#include "core/queue/nats/names.h"
#include "core/queue/nats/nats_subscription.h"

namespace tintype {
namespace {

class NatsEvents final : public EventSubscription {
 public:
  explicit NatsEvents(std::unique_ptr<NatsSubscription> subscription) : subscription_(std::move(subscription)) {}

 private:
  std::unique_ptr<NatsSubscription> subscription_;
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
  const auto on_body = [on_event = std::move(on_event), &log = session_->log()](std::string_view body) {
    const auto event = parse_event(body);
    if (event) {
      on_event(*event);
    } else {
      log.warning("event_unreadable", {{"cause", event.error().message}});
    }
  };
  TT_ASSIGN(auto subscription,
            NatsSubscription::open(session_, nats_names::event_subject(session_->config().name_prefix, ">"), on_body,
                                   "subscribing to events"));
  return std::make_unique<NatsEvents>(std::move(subscription));
}

}  // namespace tintype
