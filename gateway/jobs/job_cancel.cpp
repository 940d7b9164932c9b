#include "gateway/jobs/job_cancel.h"

#include <format>

namespace tintype {

Status request_cancel(const GatewayServices& services, const std::string& owner, JobId job) {
  bool owned = false;
  bool open = false;
  const UnixMs now = services.clock.now_ms();
  const auto record = services.jobs.update(job, [&](JobRecord& r) {
    owned = r.job.requester() == owner;
    open = !is_final(r.state);
    if (!owned || !open) return false;
    r.cancel_requested = true;
    r.updated_at_ms = now;
    return true;
  });
  if (!record && record.error().code != ErrorCode::kNotFound) return fail(record.error());
  if (!record || !owned) return fail(ErrorCode::kNotFound, std::format("there is no job {}", job.to_string()));
  if (!open) {
    return fail(ErrorCode::kConflict,
                std::format("job {} has ended already ({})", job.to_string(), job_state_name(record->state)));
  }
  constexpr std::string_view kType = "job.cancel_requested";
  Event event;
  event.id = std::format("{}.{}", record->job.message_id(), kType);
  event.type = kType;
  event.owner = owner;
  event.photo = record->job.photo;
  event.job = job;
  event.batch = record->job.batch;
  event.at_ms = now;
  // A node that misses the event sees the record when it starts, or commits, the job.
  if (const Status told = services.events.publish(event); !told) {
    services.log.warning("cancel_not_announced", {{"job", job}, {"error", told.error().to_string()}});
  }
  return {};
}

}  // namespace tintype
