// Job records on RADOS: over a fixed number of objects by id, each newest first, so that a list is a merge of
// all.
#pragma once

#include <string>
#include <vector>

#include "storage_client/job_store.h"
#include "storage_client/rados/space.h"

namespace tintype::rados {

class RadosJobs final : public JobStore {
 public:
  explicit RadosJobs(Space& jobs);

  Status put(const JobRecord& record) override;
  Result<JobRecord> get(JobId job) override;
  Result<JobRecord> update(JobId job, const std::function<bool(JobRecord&)>& change) override;
  Result<JobPage> list(const JobQuery& query) override;
  Status remove(JobId job) override;

 private:
  // The record of now ("" if none) replaced by what `next` makes of it; unless that is nothing.
  using Next = std::function<Result<std::optional<JobRecord>>(const std::string& stored)>;
  Status replace(JobId job, const Next& next);
  const std::string& object_of(JobId job) const;

  Space& jobs_;
  std::vector<std::string> objects_;
};

}  // namespace tintype::rados
