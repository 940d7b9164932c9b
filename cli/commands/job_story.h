// A job as text: what it is, and the story of how the farm placed its work. Pure.
#pragma once

#include <string>

#include "cli/http/farm_json.h"

namespace tintype {

// `jobs`: an array of jobs as GET /v1/jobs has them.
std::string jobs_table(const Json& jobs);
// `dead`: an array as GET /v1/dead has it.
std::string dead_table(const Json& dead);
// `job` as GET /v1/jobs/{id} has it.
std::string job_text(const Json& job);
// `explanation` as GET /v1/jobs/{id}/explain has it: attempt by attempt, task by task, which lanes there
// were, what was expected of each, which was taken and why, and how it came out.
std::string job_story(const Json& explanation);

}  // namespace tintype
