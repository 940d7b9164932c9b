#include "core/queue/nats/nats_broadcast.h"

#include <format>

#include "core/queue/nats/names.h"
#include "core/queue/nats/nats_subscription.h"

namespace tintype {
namespace {

class NatsListening final : public Listening {
 public:
  explicit NatsListening(std::unique_ptr<NatsSubscription> subscription) : subscription_(std::move(subscription)) {}

 private:
  std::unique_ptr<NatsSubscription> subscription_;
};

}  // namespace

Status NatsBroadcast::tell(std::string_view topic, std::string_view words) {
  return session_->tell(nats_names::broadcast_subject(session_->config().name_prefix, topic), words,
                        std::format("telling of {}", topic));
}

Result<std::unique_ptr<Listening>> NatsBroadcast::listen(std::string_view topic,
                                                         std::function<void(std::string_view)> on_words) {
  TT_ASSIGN(auto subscription,
            NatsSubscription::open(session_, nats_names::broadcast_subject(session_->config().name_prefix, topic),
                                   std::move(on_words), std::format("listening to {}", topic)));
  return std::make_unique<NatsListening>(std::move(subscription));
}

}  // namespace tintype
