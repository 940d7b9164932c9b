#include "core/job/job.h"

#include <algorithm>
#include <format>

#include "core/job/job_json.h"
#include "core/job/recipe_json.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxJobJsonBytes = 256 * 1024;
constexpr std::size_t kMaxWordChars = 64;
constexpr std::size_t kTraceIdChars = 32;

bool is_word(std::string_view text) {
  return text.size() <= kMaxWordChars && std::ranges::all_of(text, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

bool is_trace_id(std::string_view text) {
  return text.size() == kTraceIdChars && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

}  // namespace

std::string_view job_class_name(JobClass job_class) {
  switch (job_class) {
    case JobClass::kInteractive:
      return "interactive";
    case JobClass::kUpload:
      return "upload";
    case JobClass::kBulk:
      break;
  }
  return "bulk";
}

Result<JobClass> parse_job_class(std::string_view name) {
  for (JobClass job_class : kJobClasses) {
    if (name == job_class_name(job_class)) return job_class;
  }
  return fail(ErrorCode::kInvalidArgument, "must be \"interactive\", \"upload\" or \"bulk\"");
}

std::string Job::message_id() const { return std::format("{}.{}", id.to_string(), generation); }

bool is_valid_owner(std::string_view owner) { return !owner.empty() && is_word(owner); }

bool is_client_owner(std::string_view owner) { return is_valid_owner(owner) && !owner.starts_with('_'); }

Json job_to_json(const Job& job) {
  return {{"schema", kJobSchemaVersion},
          {"id", job.id.to_string()},
          {"generation", job.generation},
          {"class", job_class_name(job.job_class)},
          {"owner", job.owner},
          {"photo", job.photo.to_string()},
          {"recipe", recipe_to_json(job.recipe)},
          {"batch", job.batch},
          {"trace_id", job.trace_id},
          {"asked_by", job.asked_by},
          {"enqueued_at_ms", job.enqueued_at_ms},
          {"deadline_ms", job.deadline_ms}};
}

Job read_job(FieldReader& in) {
  Job job;
  in.read("id", job.id);
  in.read("generation", job.generation);
  in.read_word("class", parse_job_class, job.job_class);
  in.read("owner", job.owner);
  if (!is_valid_owner(job.owner)) in.refuse("owner", "must be 1 to 64 characters of A-Z, a-z, 0-9, _ and -");
  in.read("photo", job.photo);
  in.read_object("recipe", job.recipe, read_recipe);
  in.read("batch", job.batch);
  if (!is_word(job.batch)) in.refuse("batch", "must be at most 64 characters of A-Z, a-z, 0-9, _ and -");
  in.read("trace_id", job.trace_id);
  if (!job.trace_id.empty() && !is_trace_id(job.trace_id)) in.refuse("trace_id", "must be 32 hex digits or empty");
  if (in.has("asked_by")) in.read("asked_by", job.asked_by);
  if (!is_word(job.asked_by)) in.refuse("asked_by", "must be at most 64 characters of A-Z, a-z, 0-9, _ and -");
  in.read_time("enqueued_at_ms", job.enqueued_at_ms);
  in.read_time("deadline_ms", job.deadline_ms);
  return job;
}

std::string to_json(const Job& job) { return dump_json(job_to_json(job)); }

Result<Job> parse_job(std::string_view json) {
  constexpr ErrorCode kCode = ErrorCode::kInvalidArgument;
  TT_ASSIGN(const Json tree, parse_json_object(json, "job", kMaxJobJsonBytes, kCode));
  TT_TRY(check_schema(tree, "job", kJobSchemaVersion, kCode));
  FieldReader in(tree, "job", kCode);
  Job job = read_job(in);
  TT_TRY(in.status());
  return job;
}

}  // namespace tintype
