// GET /v1/dead; POST /v1/dead/{sequence}/replay; DELETE /v1/dead/{sequence}
#include <algorithm>
#include <format>

#include "core/base/time_text.h"
#include "gateway/api.h"
#include "gateway/jobs/job_publisher.h"
#include "gateway/json_answer.h"
#include "gateway/parameters.h"

namespace tintype {
namespace {

Json to_json_value(const Job& job) {
  return {{"id", job.id.to_string()},    {"class", job_class_name(job.job_class)},
          {"owner", job.owner},          {"photo_id", job.photo.to_string()},
          {"recipe", job.recipe.name},   {"batch", job.batch},
          {"generation", job.generation}};
}

Json to_json_value(const DeadLetter& letter) {
  return {{"sequence", letter.sequence},
          {"job", letter.job ? to_json_value(*letter.job) : Json(nullptr)},
          {"reason", to_json_value(letter.reason)},
          {"deliveries", letter.deliveries},
          {"died_at", to_rfc3339(letter.died_at_ms)},
          {"raw", letter.raw}};
}

Result<DeadLetter> letter_of(const Call& call) {
  TT_ASSIGN(const std::uint64_t sequence, number_argument(call));
  auto letter = call.api.services.queue.read_dead_letter(sequence);
  if (!letter && letter.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kNotFound, std::format("there is no dead letter {}", sequence));
  }
  return letter;
}

// The job as it is to run again: under a generation that neither its record nor the letter has seen.
Result<Job> revived(const Call& call, Job job) {
  const auto record = call.api.services.jobs.get(job.id);
  if (!record && record.error().code != ErrorCode::kNotFound) return fail(record.error());
  const std::uint32_t seen = record ? std::max(job.generation, record->job.generation) : job.generation;
  const UnixMs now = call.api.services.clock.now_ms();
  if (job.deadline_ms != 0) job.deadline_ms = now + (job.deadline_ms - job.enqueued_at_ms);
  job.generation = seen + 1;
  job.enqueued_at_ms = now;
  return job;
}

Status record_revival(const Call& call, const Job& job) {
  const auto updated = call.api.services.jobs.update(job.id, [&](JobRecord& record) {
    record.job = job;
    record.state = JobState::kQueued;
    record.failure.reset();
    record.cancel_requested = false;
    record.updated_at_ms = job.enqueued_at_ms;
    return true;
  });
  if (updated) return {};
  if (updated.error().code != ErrorCode::kNotFound) return fail(updated.error());
  JobRecord record;
  record.job = job;
  record.updated_at_ms = job.enqueued_at_ms;
  return call.api.services.jobs.put(record);
}

}  // namespace

Result<http::Begun> list_dead_letters(const Call& call) {
  TT_ASSIGN(const std::uint64_t after, number_parameter(call, "after", 0, UINT64_MAX, 0));
  TT_ASSIGN(const int limit, limit_parameter(call));
  TT_ASSIGN(const auto letters, call.api.services.queue.dead_letters(after, limit));
  Json dead = Json::array();
  for (const DeadLetter& letter : letters) dead.push_back(to_json_value(letter));
  return json_answer(200, {{"dead", std::move(dead)}});
}

Result<http::Begun> replay_dead_letter(const Call& call) {
  const std::lock_guard lock(call.api.replays);
  TT_ASSIGN(const DeadLetter letter, letter_of(call));
  if (!letter.job) {
    return fail(ErrorCode::kInvalidArgument, std::format("dead letter {} holds no job ({}); delete it", letter.sequence,
                                                         letter.job.error().message));
  }
  TT_ASSIGN(const Job job, revived(call, *letter.job));
  const GatewayServices& services = call.api.services;
  if (const Status marked = services.index.set_job(job.owner, job.photo, job); !marked) {
    if (marked.error().code != ErrorCode::kNotFound) return fail(marked.error());
    return fail(ErrorCode::kNotFound,
                std::format("photo {} was deleted; delete dead letter {}", job.photo.to_string(), letter.sequence));
  }
  TT_TRY(record_revival(call, job));
  TT_TRY(call.api.publisher.publish(job));
  // Last: a letter that stays can be replayed again, a job that is lost cannot.
  TT_TRY(services.queue.remove_dead_letter(letter.sequence));
  services.log.info("dead_letter_replayed",
                    {{"sequence", letter.sequence}, {"job", job.id}, {"generation", job.generation}});
  return json_answer(202, {{"job_id", job.id.to_string()}, {"generation", job.generation}});
}

Result<http::Begun> delete_dead_letter(const Call& call) {
  TT_ASSIGN(const DeadLetter letter, letter_of(call));
  TT_TRY(call.api.services.queue.remove_dead_letter(letter.sequence));
  call.api.services.log.info("dead_letter_deleted", {{"sequence", letter.sequence}});
  return http::Response(204);
}

}  // namespace tintype
