// GET /v1/events
#include "gateway/api.h"
#include "gateway/jobs/event_hub.h"
#include "gateway/parameters.h"

namespace tintype {

Result<http::Begun> follow_events(const Call& call) {
  TT_ASSIGN(const std::string batch, batch_parameter(call));
  std::optional<JobId> job;
  if (const std::string* id = call.target.find("job")) {
    const auto parsed = JobId::parse(*id);
    if (!parsed) return fail(ErrorCode::kInvalidArgument, "job must be a job's id");
    job = *parsed;
  }
  TT_ASSIGN(auto feed, call.api.events.listen(call.owner, batch, job));
  http::Response response(200, "text/event-stream", std::move(feed));
  response.set("Cache-Control", "no-store");
  return response;
}

}  // namespace tintype
