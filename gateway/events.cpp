// GET /v1/events
#include "gateway/api.h"
#include "gateway/event_hub.h"
#include "gateway/parameters.h"

namespace tintype {

Result<http::Begun> follow_events(const Call& call) {
  TT_ASSIGN(const std::string batch, batch_parameter(call));
  TT_ASSIGN(auto feed, call.api.events.listen(call.owner, batch));
  http::Response response(200, "text/event-stream", std::move(feed));
  response.set("Cache-Control", "no-store");
  return response;
}

}  // namespace tintype
