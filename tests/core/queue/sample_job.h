// Jobs for tests, each different from the last.
#pragma once

#include <atomic>

#include "core/job/job.h"

namespace tintype {

inline Job sample_job(JobClass job_class = JobClass::kUpload) {
  static std::atomic<std::uint64_t> count = 0;
  Job job;
  job.id = JobId{SortableId::first_at(1'700'000'000'000).value + ++count};
  job.job_class = job_class;
  job.owner = "tester";
  job.photo = PhotoId{job.id.value + 1};
  job.recipe = builtin_recipes().front();
  job.enqueued_at_ms = 1'700'000'000'000;
  return job;
}

}  // namespace tintype
