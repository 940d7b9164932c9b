#include "core/job/job_record.h"

#include "core/job/job_json.h"

namespace tintype {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::size_t kMaxJsonBytes = 16u << 20;
constexpr std::size_t kMaxItems = 65536;
constexpr std::size_t kKeptAttempts = 10;

Json candidate_to_json(const LaneCandidate& candidate) {
  return {{"lane", candidate.lane},
          {"predicted_wait_seconds", candidate.predicted_wait_seconds},
          {"predicted_work_seconds", candidate.predicted_work_seconds},
          {"excluded", candidate.excluded}};
}

LaneCandidate read_candidate(FieldReader& in) {
  LaneCandidate candidate;
  in.read("lane", candidate.lane);
  in.read_seconds("predicted_wait_seconds", candidate.predicted_wait_seconds);
  in.read_seconds("predicted_work_seconds", candidate.predicted_work_seconds);
  in.read("excluded", candidate.excluded);
  return candidate;
}

Json decision_to_json(const Decision& decision) {
  Json candidates = Json::array();
  for (const LaneCandidate& candidate : decision.candidates) candidates.push_back(candidate_to_json(candidate));
  return {{"task", decision.task},
          {"candidates", std::move(candidates)},
          {"chosen", decision.chosen},
          {"reason", decision.reason},
          {"waited_seconds", decision.waited_seconds},
          {"worked_seconds", decision.worked_seconds},
          {"outcome", decision.outcome}};
}

Decision read_decision(FieldReader& in) {
  Decision decision;
  in.read("task", decision.task);
  in.read_objects("candidates", decision.candidates, kMaxItems, read_candidate);
  in.read("chosen", decision.chosen);
  in.read("reason", decision.reason);
  in.read_seconds("waited_seconds", decision.waited_seconds);
  in.read_seconds("worked_seconds", decision.worked_seconds);
  in.read("outcome", decision.outcome);
  return decision;
}

Json attempt_to_json(const Attempt& attempt) {
  Json decisions = Json::array();
  for (const Decision& decision : attempt.decisions) decisions.push_back(decision_to_json(decision));
  Json json = {{"number", attempt.number},
               {"node", attempt.node},
               {"started_at_ms", attempt.started_at_ms},
               {"ended_at_ms", attempt.ended_at_ms},
               {"decisions", std::move(decisions)}};
  if (attempt.error) json["error"] = error_to_json(*attempt.error);
  return json;
}

Attempt read_attempt(FieldReader& in) {
  Attempt attempt;
  in.read("number", attempt.number);
  in.read("node", attempt.node);
  in.read_time("started_at_ms", attempt.started_at_ms);
  in.read_time("ended_at_ms", attempt.ended_at_ms);
  in.read_objects("decisions", attempt.decisions, kMaxItems, read_decision);
  if (in.has("error")) in.read("error", attempt.error.emplace());
  return attempt;
}

}  // namespace

std::string_view job_state_name(JobState state) {
  switch (state) {
    case JobState::kQueued:
      return "queued";
    case JobState::kRunning:
      return "running";
    case JobState::kDone:
      return "done";
    case JobState::kFailed:
      return "failed";
    case JobState::kCancelled:
      break;
  }
  return "cancelled";
}

Result<JobState> parse_job_state(std::string_view name) {
  for (JobState state :
       {JobState::kQueued, JobState::kRunning, JobState::kDone, JobState::kFailed, JobState::kCancelled}) {
    if (name == job_state_name(state)) return state;
  }
  return fail(ErrorCode::kInvalidArgument, "must be \"queued\", \"running\", \"done\", \"failed\" or \"cancelled\"");
}

std::string to_json(const JobRecord& record) {
  Json attempts = Json::array();
  const std::size_t count = record.attempts.size();
  for (std::size_t i = count > kKeptAttempts ? count - kKeptAttempts : 0; i < count; ++i) {
    attempts.push_back(attempt_to_json(record.attempts[i]));
  }
  Json json = {{"schema", kSchemaVersion},
               {"job", job_to_json(record.job)},
               {"state", job_state_name(record.state)},
               {"attempts", std::move(attempts)},
               {"bytes_in", record.bytes_in},
               {"bytes_out", record.bytes_out},
               {"updated_at_ms", record.updated_at_ms},
               {"cancel_requested", record.cancel_requested}};
  if (record.failure) json["failure"] = error_to_json(*record.failure);
  return dump_json(json);
}

Result<JobRecord> parse_job_record(std::string_view json) {
  constexpr ErrorCode kCode = ErrorCode::kCorruptData;
  TT_ASSIGN(const Json tree, parse_json_object(json, "job record", kMaxJsonBytes, kCode));
  TT_TRY(check_schema(tree, "job record", kSchemaVersion, kCode));
  JobRecord record;
  FieldReader in(tree, "record", kCode);
  in.read_object("job", record.job, read_job);
  in.read_word("state", parse_job_state, record.state);
  in.read_objects("attempts", record.attempts, kKeptAttempts, read_attempt);
  in.read("bytes_in", record.bytes_in);
  in.read("bytes_out", record.bytes_out);
  in.read_time("updated_at_ms", record.updated_at_ms);
  in.read("cancel_requested", record.cancel_requested);
  if (in.has("failure")) in.read("failure", record.failure.emplace());
  TT_TRY(in.status());
  return record;
}

}  // namespace tintype
