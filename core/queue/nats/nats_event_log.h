// NatsEventLog: EventLog over a Session. Published to the events stream, so that what is news for an hour can be
// read again; subscriptions listen to the subjects themselves, which goes on over a server's restart.
#pragma once

#include <memory>

#include "core/queue/event_log.h"
#include "core/queue/nats/session.h"

namespace tintype {

class NatsEventLog final : public EventLog {
 public:
  explicit NatsEventLog(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  Status publish(const Event& event) override;
  Result<std::unique_ptr<EventSubscription>> subscribe(std::function<void(const Event&)> on_event) override;

 private:
  std::shared_ptr<Session> session_;
};

}  // namespace tintype
