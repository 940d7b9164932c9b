// The embedded store's JobStore. A record has a summary of its own, so that a filtered list reads little.
#pragma once

#include "storage_client/embedded/database.h"
#include "storage_client/embedded/stripes.h"
#include "storage_client/job_store.h"

namespace tintype::embedded {

class EmbeddedJobs final : public JobStore {
 public:
  explicit EmbeddedJobs(Database& database) : database_(database) {}

  Status put(const JobRecord& record) override;
  Result<JobRecord> get(JobId job) override;
  Result<JobRecord> update(JobId job, const std::function<bool(JobRecord&)>& change) override;
  Result<JobPage> list(const JobQuery& query) override;
  Status remove(JobId job) override;

 private:
  Status write(const JobRecord& record);

  Database& database_;
  Stripes jobs_;
};

}  // namespace tintype::embedded
