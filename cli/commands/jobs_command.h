// `tintype jobs`: what a farm is doing, has done and could not do.
#pragma once

#include <cstdint>
#include <string>

#include "cli/commands/farm_command.h"

namespace tintype {

struct JobsListOptions {
  std::string state, job_class, batch;  // empty: any
  int limit = 20;
};

// Each returns the exit status.
int run_jobs_list(const FarmOptions& farm, const JobsListOptions& list);
int run_jobs_show(const FarmOptions& farm, const std::string& job_id);
int run_jobs_explain(const FarmOptions& farm, const std::string& job_id);
int run_jobs_cancel(const FarmOptions& farm, const std::string& job_id);
int run_jobs_dead(const FarmOptions& farm);
// All dead letters if `sequence` is 0.
int run_jobs_replay(const FarmOptions& farm, std::uint64_t sequence);

}  // namespace tintype
