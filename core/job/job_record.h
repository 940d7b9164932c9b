// JobRecord: a job's life, kept for people: state, attempts, decisions, failure. Rebuildable; never the truth
// about a photo (that is its manifest).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/job/job.h"

namespace tintype {

enum class JobState : std::uint8_t { kQueued, kRunning, kDone, kFailed, kCancelled };
std::string_view job_state_name(JobState state);  // "queued", "running", "done", "failed", "cancelled"
Result<JobState> parse_job_state(std::string_view name);
inline bool is_final(JobState s) { return s >= JobState::kDone; }

// One lane the dispatcher thought of for a task.
struct LaneCandidate {
  std::string lane;
  double predicted_wait_seconds = 0;  // until the lane would start
  double predicted_work_seconds = 0;  // from start to end
  std::string excluded;               // why it could not be chosen; empty if it could
};

// One placement of one task, and how it came out.
struct Decision {
  std::string task;  // "probe", "decode+resize+encode x8", ...
  std::vector<LaneCandidate> candidates;
  std::string chosen;
  std::string reason;  // a sentence
  double waited_seconds = 0;
  double worked_seconds = 0;
  std::string outcome;  // "ok" or an error name
};

struct Attempt {
  int number = 1;
  std::string node;
  UnixMs started_at_ms = 0;
  UnixMs ended_at_ms = 0;
  std::optional<Error> error;  // none: it succeeded
  std::vector<Decision> decisions;
};

struct JobRecord {
  Job job;
  JobState state = JobState::kQueued;
  std::vector<Attempt> attempts;  // the last 10
  std::optional<Error> failure;   // set when state is kFailed
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  UnixMs updated_at_ms = 0;
  bool cancel_requested = false;
};

std::string to_json(const JobRecord& record);
Result<JobRecord> parse_job_record(std::string_view json);

}  // namespace tintype
