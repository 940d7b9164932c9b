#include "storage_client/memory/memory_jobs.h"

#include <format>

#include "storage_client/checks.h"

namespace tintype {
namespace {

std::unexpected<Error> missing(JobId job) {
  return fail(ErrorCode::kNotFound, std::format("job {} does not exist", job.to_string()));
}

bool matches(const JobQuery& query, const JobRecord& record) {
  return (!query.state || *query.state == record.state) &&
         (!query.job_class || *query.job_class == record.job.job_class) &&
         (query.owner.empty() || query.owner == record.job.requester()) &&
         (query.batch.empty() || query.batch == record.job.batch);
}

}  // namespace

Status MemoryJobs::put(const JobRecord& record) {
  TT_TRY(checked_job_json(record.job));
  std::lock_guard lock(mutex_);
  records_.insert_or_assign(record.job.id, record);
  return {};
}

Result<JobRecord> MemoryJobs::get(JobId job) {
  std::lock_guard lock(mutex_);
  auto found = records_.find(job);
  if (found == records_.end()) return missing(job);
  return found->second;
}

Result<JobRecord> MemoryJobs::update(JobId job, const std::function<bool(JobRecord&)>& change) {
  std::lock_guard lock(mutex_);
  auto found = records_.find(job);
  if (found == records_.end()) return missing(job);
  JobRecord edited = found->second;
  if (change(edited)) found->second = std::move(edited);
  return found->second;
}

Result<JobPage> MemoryJobs::list(const JobQuery& query) {
  TT_TRY(check_page_limit(query.limit));
  JobPage page;
  std::lock_guard lock(mutex_);
  auto it = records_.begin();
  if (!query.cursor.empty()) {
    TT_ASSIGN(const JobId last, JobId::parse(query.cursor));
    it = records_.upper_bound(last);
  }
  for (; it != records_.end(); ++it) {
    if (!matches(query, it->second)) continue;
    if (std::ssize(page.records) == query.limit) {
      page.next = page.records.back().job.id.to_string();
      break;
    }
    page.records.push_back(it->second);
  }
  return page;
}

Status MemoryJobs::remove(JobId job) {
  std::lock_guard lock(mutex_);
  records_.erase(job);
  return {};
}

}  // namespace tintype
