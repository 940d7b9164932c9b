// The memory store's JobStore.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "storage_client/job_store.h"

namespace tintype {

class MemoryJobs final : public JobStore {
 public:
  Status put(const JobRecord& record) override;
  Result<JobRecord> get(JobId job) override;
  Result<JobRecord> update(JobId job, const std::function<bool(JobRecord&)>& change) override;
  Result<JobPage> list(const JobQuery& query) override;
  Status remove(JobId job) override;

 private:
  std::mutex mutex_;
  std::map<JobId, JobRecord, std::greater<>> records_;  // newest first
};

}  // namespace tintype
