// Job: the message on the queue. References and the recipe, never pixels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/job/recipe.h"

namespace tintype {

enum class JobClass : std::uint8_t { kInteractive, kUpload, kBulk };
inline constexpr JobClass kJobClasses[] = {JobClass::kInteractive, JobClass::kUpload, JobClass::kBulk};
std::string_view job_class_name(JobClass job_class);  // "interactive", "upload", "bulk"
Result<JobClass> parse_job_class(std::string_view name);

inline constexpr int kJobSchemaVersion = 1;

struct Job {
  JobId id;
  std::uint32_t generation = 0;  // raised by replay and by the sweeper: a new message, not a duplicate
  JobClass job_class = JobClass::kUpload;
  std::string owner;  // [A-Za-z0-9_-], 1..64
  PhotoId photo;
  Recipe recipe;
  std::string batch;     // groups jobs for whoever submitted them; may be empty; [A-Za-z0-9_-], up to 64
  std::string trace_id;  // 32 hex digits, from the request; may be empty
  UnixMs enqueued_at_ms = 0;
  UnixMs deadline_ms = 0;  // 0: none. Past it the job is given up

  // Who asked for it, if that is not the photo's owner: the photo then only passes through, and goes once it
  // was answered or its time is over. As owner; may be empty.
  std::string asked_by;

  // Whose the job is: who sees it, is told of it and may cancel it.
  const std::string& requester() const { return asked_by.empty() ? owner : asked_by; }

  // The queue's de-duplication key: "<id>.<generation>".
  std::string message_id() const;
};

bool is_valid_owner(std::string_view owner);
// One that requests and tokens may act for: names that begin with "_" are the farm's own.
bool is_client_owner(std::string_view owner);

// The wire form: JSON, {"schema":1, ...}. Parsing takes hostile bytes (fuzzed): any deviation is
// kInvalidArgument; a newer schema is kUnsupported; unknown keys are ignored (a newer peer of the same
// schema).
std::string to_json(const Job& job);
Result<Job> parse_job(std::string_view json);

}  // namespace tintype
