// NatsBroadcast: Broadcast over a Session, on subjects that no stream keeps.
#pragma once

#include <memory>

#include "core/queue/broadcast.h"
#include "core/queue/nats/session.h"

namespace tintype {

class NatsBroadcast final : public Broadcast {
 public:
  explicit NatsBroadcast(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  Status tell(std::string_view topic, std::string_view words) override;
  Result<std::unique_ptr<Listening>> listen(std::string_view topic,
                                            std::function<void(std::string_view)> on_words) override;

 private:
  std::shared_ptr<Session> session_;
};

}  // namespace tintype
