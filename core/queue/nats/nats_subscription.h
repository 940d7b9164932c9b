// NatsSubscription: what comes on a subject, handed to a function, until it is destroyed.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/queue/nats/handles.h"
#include "core/queue/nats/session.h"

namespace tintype {

class NatsSubscription {
 public:
  // From when this returns, each message's body goes to `on_body`, on a thread of nats.c's, one at a time. Goes on over
  // reconnects; what comes meanwhile is missed. `doing` is for the words of an error.
  static Result<std::unique_ptr<NatsSubscription>> open(std::shared_ptr<Session> session, const std::string& subject,
                                                        std::function<void(std::string_view)> on_body,
                                                        std::string_view doing);
  ~NatsSubscription();  // no call comes after this; never from within on_body

 private:
  NatsSubscription(std::shared_ptr<Session> session, std::function<void(std::string_view)> on_body)
      : session_(std::move(session)), on_body_(std::move(on_body)) {}
  static void on_message(natsConnection*, natsSubscription*, natsMsg* message, void* self);
  static void on_complete(void* self);

  std::shared_ptr<Session> session_;
  const std::function<void(std::string_view)> on_body_;
  SubscriptionHandle subscription_;
  std::mutex mutex_;
  std::condition_variable completed_;
  bool complete_ = false;
};

}  // namespace tintype
