// AttemptRecords: what the job store keeps of each attempt at a job: its beginning, its end, the last few in full.
// Thread-safe; a record that cannot be kept is logged and stops nothing, the message is what a job lives by.
#pragma once

#include "core/job/job_record.h"
#include "scheduler/job_services.h"

namespace tintype {

class AttemptRecords {
 public:
  AttemptRecords(const JobRunnerConfig& config, const JobServices& services);

  // Numbers and dates the attempt, and says in the job's record that it runs. A record that was lost is made anew.
  Result<JobRecord> begin(const Job& job, Attempt& attempt);
  void end(const JobRecord& record, const Attempt& attempt, JobState state);
  // Of a photo that was deleted: its job leaves nothing behind.
  void forget(const Job& job);

 private:
  const JobRunnerConfig& config_;
  const JobServices& services_;
};

}  // namespace tintype
