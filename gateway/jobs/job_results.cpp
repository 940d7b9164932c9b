// GET /v1/jobs/{id}/results, /v1/jobs/{id}/results/{name}
#include <format>

#include "core/base/time_text.h"
#include "gateway/api.h"
#include "gateway/jobs/job_lookup.h"
#include "gateway/jobs/transients.h"
#include "gateway/json_answer.h"
#include "gateway/parameters.h"
#include "gateway/photos/blob_answer.h"
#include "gateway/problem.h"

namespace tintype {
namespace {

// The photo that a job worked on, as long as there is one.
Result<Photo> photo_of(const Call& call, const JobRecord& record) {
  auto photo = call.api.services.index.get(record.job.owner, record.job.photo);
  const bool passing = !record.job.asked_by.empty();
  const bool over = passing && call.api.services.clock.now_ms() >= call.api.transients->expires_at_ms(record.job.photo);
  if (over || (!photo && photo.error().code == ErrorCode::kNotFound)) {
    return fail(ErrorCode::kNotFound, std::format("the results of job {} are gone: {}", record.job.id.to_string(),
                                                  passing ? "their time is over" : "its photo was deleted"));
  }
  return photo;
}

std::string result_url(const JobRecord& record, const Variant& variant) {
  if (record.job.asked_by.empty())
    return std::format("/v1/photos/{}/variants/{}", record.job.photo.to_string(), variant.name);
  return std::format("/v1/jobs/{}/results/{}", record.job.id.to_string(), variant.name);
}

}  // namespace

Result<http::Begun> list_results(const Call& call) {
  TT_ASSIGN(const JobRecord record, record_of_call(call));
  TT_ASSIGN(const Photo photo, photo_of(call, record));
  Json results = Json::array();
  for (const Variant& variant : photo.heavy.manifest.variants) {
    results.push_back({{"name", variant.name},
                       {"width", variant.width},
                       {"height", variant.height},
                       {"bytes", variant.bytes},
                       {"format", format_name(variant.format)},
                       {"sha256", variant.sha256},
                       {"url", result_url(record, variant)}});
  }
  Json expires = nullptr;
  if (!record.job.asked_by.empty()) expires = to_rfc3339(call.api.transients->expires_at_ms(record.job.photo));
  return json_answer(200, {{"job_id", record.job.id.to_string()},
                           {"state", job_state_name(record.state)},
                           {"complete", photo.light.complete},
                           {"expires_at", std::move(expires)},
                           {"results", std::move(results)}});
}

Result<http::Begun> send_result(const Call& call) {
  TT_ASSIGN(const JobRecord record, record_of_call(call));
  TT_ASSIGN(const Photo photo, photo_of(call, record));
  const std::string& name = call.arguments[1];
  const Variant* variant = photo.heavy.manifest.find(name);
  if (!variant) {
    const bool coming = !is_final(record.state);
    return problem_response(
        Problem{{ErrorCode::kNotFound, std::format("job {} has no result '{}'{}", record.job.id.to_string(), name,
                                                   coming ? " yet; it is not done" : "")},
                {},
                coming,
                record.job.id});
  }
  TT_ASSIGN(const BlobKey key, BlobKey::parse(variant->blob_key));
  return answer_blob(call, {key, variant->sha256, format_mime(variant->format), ""});
}

}  // namespace tintype
