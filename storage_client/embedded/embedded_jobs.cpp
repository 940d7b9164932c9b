#include "storage_client/embedded/embedded_jobs.h"

#include <format>

#include <rocksdb/write_batch.h>

#include "storage_client/checks.h"
#include "storage_client/embedded/rows.h"

namespace tintype::embedded {
namespace {

constexpr Family kJobs = Family::kJobs;

bool matches(const JobQuery& query, const JobSummary& summary) {
  return (!query.state || *query.state == summary.state) &&
         (!query.job_class || *query.job_class == summary.job_class) &&
         (query.owner.empty() || query.owner == summary.owner) && (query.batch.empty() || query.batch == summary.batch);
}

}  // namespace

Status EmbeddedJobs::write(const JobRecord& record) {
  rocksdb::WriteBatch batch;
  batch.Put(database_.family(kJobs), job_summary_key(record.job.id), encode_summary(record));
  batch.Put(database_.family(kJobs), job_record_key(record.job.id), to_json(record));
  return database_.write(batch, Durability::kBuffered);
}

Status EmbeddedJobs::put(const JobRecord& record) {
  TT_TRY(checked_job_json(record.job));
  const auto lock = jobs_.lock({}, record.job.id.value);
  return write(record);
}

Result<JobRecord> EmbeddedJobs::get(JobId job) {
  rocksdb::PinnableSlice value;
  TT_ASSIGN(const bool found, database_.get(kJobs, job_record_key(job), value));
  if (!found) return fail(ErrorCode::kNotFound, std::format("job {} does not exist", job.to_string()));
  auto record = parse_job_record(value.ToStringView());
  if (!record) return database_.corrupt(std::format("the record of job {}", job.to_string()));
  return record;
}

Result<JobRecord> EmbeddedJobs::update(JobId job, const std::function<bool(JobRecord&)>& change) {
  const auto lock = jobs_.lock({}, job.value);
  TT_ASSIGN(JobRecord record, get(job));
  JobRecord edited = record;
  if (!change(edited)) return record;
  TT_TRY(write(edited));
  return edited;
}

Result<JobPage> EmbeddedJobs::list(const JobQuery& query) {
  TT_TRY(check_page_limit(query.limit));
  std::optional<JobId> last;
  if (!query.cursor.empty()) {
    TT_ASSIGN(last, JobId::parse(query.cursor));
  }
  JobPage page;
  RangeScan scan(database_, kJobs, job_summary_range(last));
  for (; scan.valid(); scan.next()) {
    const JobId job = summarised_job(scan.key());
    const auto summary = decode_summary(scan.value());
    if (!summary) return database_.corrupt(std::format("the summary of job {}", job.to_string()));
    if (!matches(query, *summary)) continue;
    if (std::ssize(page.records) == query.limit) {
      page.next = page.records.back().job.id.to_string();
      break;
    }
    auto record = get(job);
    if (record) {
      page.records.push_back(*std::move(record));
    } else if (record.error().code != ErrorCode::kNotFound) {  // removed since the scan began
      return fail(std::move(record).error());
    }
  }
  TT_TRY(scan.status());
  return page;
}

Status EmbeddedJobs::remove(JobId job) {
  const auto lock = jobs_.lock({}, job.value);
  rocksdb::WriteBatch batch;
  batch.Delete(database_.family(kJobs), job_summary_key(job));
  batch.Delete(database_.family(kJobs), job_record_key(job));
  return database_.write(batch, Durability::kBuffered);
}

}  // namespace tintype::embedded
