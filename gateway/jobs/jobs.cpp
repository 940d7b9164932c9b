// GET /v1/jobs, /v1/jobs/{id}, /v1/jobs/{id}/explain; POST /v1/jobs/{id}/cancel
#include <format>

#include "core/base/time_text.h"
#include "gateway/api.h"
#include "gateway/jobs/job_cancel.h"
#include "gateway/jobs/job_lookup.h"
#include "gateway/json_answer.h"
#include "gateway/parameters.h"
#include "gateway/photos/contract_json.h"

namespace tintype {
namespace {

Json error_or_null(const std::optional<Error>& error) { return error ? to_json_value(*error) : Json(nullptr); }

// "" for what has not happened.
std::string time_or_nothing(UnixMs at_ms) { return at_ms == 0 ? std::string() : to_rfc3339(at_ms); }

Json attempt_head(const Attempt& attempt) {
  return {{"number", attempt.number},
          {"node", attempt.node},
          {"started_at", time_or_nothing(attempt.started_at_ms)},
          {"ended_at", time_or_nothing(attempt.ended_at_ms)},
          {"error", error_or_null(attempt.error)}};
}

Json to_json_value(const Decision& decision) {
  Json candidates = Json::array();
  for (const LaneCandidate& candidate : decision.candidates) {
    candidates.push_back({{"lane", candidate.lane},
                          {"predicted_wait_seconds", candidate.predicted_wait_seconds},
                          {"predicted_work_seconds", candidate.predicted_work_seconds},
                          {"excluded", candidate.excluded}});
  }
  return {{"task", decision.task},
          {"chosen", decision.chosen},
          {"reason", decision.reason},
          {"candidates", std::move(candidates)},
          {"waited_seconds", decision.waited_seconds},
          {"worked_seconds", decision.worked_seconds},
          {"outcome", decision.outcome}};
}

Json to_json_value(const JobRecord& record) {
  Json attempts = Json::array();
  for (const Attempt& attempt : record.attempts) attempts.push_back(attempt_head(attempt));
  return {{"id", record.job.id.to_string()},
          {"state", job_state_name(record.state)},
          {"class", job_class_name(record.job.job_class)},
          {"photo_id", record.job.photo.to_string()},
          {"recipe", record.job.recipe.name},
          {"batch", record.job.batch},
          {"generation", record.job.generation},
          {"cancel_requested", record.cancel_requested},
          {"attempts", std::move(attempts)},
          {"failure", error_or_null(record.failure)},
          {"bytes_in", record.bytes_in},
          {"bytes_out", record.bytes_out},
          {"trace_id", record.job.trace_id},
          {"enqueued_at", time_or_nothing(record.job.enqueued_at_ms)},
          {"updated_at", time_or_nothing(record.updated_at_ms)}};
}

// How the variants that this job made came to their scores: of those whose recipe asked for one, as long as
// the photo is there.
Json scores_of(const Call& call, const Job& job) {
  Json scores = Json::array();
  const auto photo = call.api.services.index.get(job.owner, job.photo);
  if (!photo || photo->heavy.manifest.job != job.id) return scores;
  for (const Variant& variant : photo->heavy.manifest.variants) {
    if (!variant.contract) continue;
    scores.push_back({{"name", variant.name},
                      {"format", format_name(variant.format)},
                      {"quality", variant.quality},
                      {"bytes", variant.bytes},
                      {"encoder", variant.encoder},
                      {"contract", to_json_value(*variant.contract)}});
  }
  return scores;
}

}  // namespace

Result<JobRecord> record_of_call(const Call& call) {
  TT_ASSIGN(const JobId id, id_argument(call));
  auto record = call.api.services.jobs.get(id);
  const bool missing = record ? record->job.requester() != call.owner : record.error().code == ErrorCode::kNotFound;
  if (missing) return fail(ErrorCode::kNotFound, std::format("there is no job {}", id.to_string()));
  return record;
}

Result<http::Begun> list_jobs(const Call& call) {
  JobQuery query;
  query.owner = call.owner;
  if (call.target.find("state")) {
    TT_ASSIGN(query.state, word_named("state", text_parameter(call, "state"), parse_job_state));
  }
  if (call.target.find("class")) {
    TT_ASSIGN(query.job_class, word_named("class", text_parameter(call, "class"), parse_job_class));
  }
  TT_ASSIGN(query.batch, batch_parameter(call));
  TT_ASSIGN(query.limit, limit_parameter(call));
  query.cursor = text_parameter(call, "cursor");
  TT_ASSIGN(const JobPage page, call.api.services.jobs.list(query));
  Json jobs = Json::array();
  for (const JobRecord& record : page.records) jobs.push_back(to_json_value(record));
  return json_answer(200, {{"jobs", std::move(jobs)}, {"next", page.next}});
}

Result<http::Begun> show_job(const Call& call) {
  TT_ASSIGN(const JobRecord record, record_of_call(call));
  return json_answer(200, to_json_value(record));
}

Result<http::Begun> explain_job(const Call& call) {
  TT_ASSIGN(const JobRecord record, record_of_call(call));
  Json attempts = Json::array();
  for (const Attempt& attempt : record.attempts) {
    Json decisions = Json::array();
    for (const Decision& decision : attempt.decisions) decisions.push_back(to_json_value(decision));
    Json entry = attempt_head(attempt);
    entry["decisions"] = std::move(decisions);
    attempts.push_back(std::move(entry));
  }
  return json_answer(200, {{"job_id", record.job.id.to_string()},
                           {"trace_id", record.job.trace_id},
                           {"attempts", std::move(attempts)},
                           {"scores", scores_of(call, record.job)}});
}

Result<http::Begun> cancel_job(const Call& call) {
  TT_ASSIGN(const JobId id, id_argument(call));
  TT_TRY(request_cancel(call.api.services, call.owner, id));
  return json_answer(202, {{"job_id", id.to_string()}});
}

}  // namespace tintype
