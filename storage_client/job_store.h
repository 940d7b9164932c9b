// JobStore: job records, for people and for cancelling. Not the truth (the index is): writes survive the death
// of this process at once, a power cut only soon after. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/job/job_record.h"

namespace tintype {

struct JobQuery {
  std::optional<JobState> state;
  std::optional<JobClass> job_class;
  std::string owner;  // the job's requester(); empty: any
  std::string batch;  // empty: any
  int limit = 100;    // 1..1000
  std::string cursor;
};

struct JobPage {
  std::vector<JobRecord> records;  // newest first
  std::string next;                // empty: the end
};

class JobStore {
 public:
  virtual ~JobStore() = default;

  virtual Status put(const JobRecord& record) = 0;
  // kNotFound.
  virtual Result<JobRecord> get(JobId job) = 0;
  // Reads, lets `change` edit, writes: one step, atomic against other updates. `change` returns false to leave it.
  // Answers the record as it is afterwards.
  virtual Result<JobRecord> update(JobId job, const std::function<bool(JobRecord&)>& change) = 0;
  virtual Result<JobPage> list(const JobQuery& query) = 0;
  virtual Status remove(JobId job) = 0;
};

}  // namespace tintype
