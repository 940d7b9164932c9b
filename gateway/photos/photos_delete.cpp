// DELETE /v1/photos/{id}
#include <format>

#include "gateway/api.h"
#include "gateway/jobs/job_cancel.h"
#include "gateway/parameters.h"

namespace tintype {

Result<http::Begun> delete_photo(const Call& call) {
  TT_ASSIGN(const PhotoId id, id_argument(call));
  const GatewayServices& services = call.api.services;
  const auto gone = [&] { return fail(ErrorCode::kNotFound, std::format("there is no photo {}", id.to_string())); };
  const auto photo = services.index.get(call.owner, id);
  if (!photo) return photo.error().code == ErrorCode::kNotFound ? gone() : fail(photo.error());
  // Index first: from here on nobody finds it. Everything after is tidying, which the sweeper does too.
  if (const Status removed = services.index.remove(call.owner, id); !removed) {
    return removed.error().code == ErrorCode::kNotFound ? gone() : fail(removed.error());
  }
  const JobId job = photo->heavy.job.id;
  if (const auto cancelled = request_cancel(services, call.owner, job);
      !cancelled && cancelled.error().code != ErrorCode::kNotFound && cancelled.error().code != ErrorCode::kConflict) {
    services.log.warning("job_not_cancelled", {{"job", job}, {"error", cancelled.error().to_string()}});
  }
  if (const Status removed = services.jobs.remove(job); !removed) {
    services.log.warning("job_record_not_removed", {{"job", job}, {"error", removed.error().to_string()}});
  }
  if (const Status removed = services.blobs.remove_photo(call.owner, id); !removed) {
    services.log.warning("blobs_not_removed", {{"photo", id}, {"error", removed.error().to_string()}});
  }
  services.log.info("photo_deleted", {{"photo", id}, {"owner", call.owner}});
  return http::Response(204);
}

}  // namespace tintype
