#include "storage_client/rados/rados_jobs.h"

#include <format>

#include "storage_client/checks.h"
#include "storage_client/embedded/rows.h"
#include "storage_client/rados/index_rows.h"
#include "storage_client/rados/scan.h"

namespace tintype::rados {
namespace {

// 64 objects of 20,000 records of two rows each: over a million jobs before one has too many rows.
constexpr std::uint64_t kObjects = 64;

std::string summary_key(JobId job) { return "s" + JobId{~job.value}.to_string(); }
std::string record_key(JobId job) { return "r" + JobId{~job.value}.to_string(); }

std::unexpected<Error> unreadable(JobId job) {
  return fail(ErrorCode::kCorruptData, std::format("job {}: its record cannot be read, remove it", job.to_string()));
}

std::unexpected<Error> missing(JobId job) {
  return fail(ErrorCode::kNotFound, std::format("job {} does not exist", job.to_string()));
}

Result<JobRecord> parsed(JobId job, const std::string& stored) {
  const auto parts = split_token(stored);
  if (!parts) return unreadable(job);
  auto record = parse_job_record(parts->value);
  if (!record) return unreadable(job);
  return record;
}

bool matches(const JobQuery& query, const embedded::JobSummary& summary) {
  return (!query.state || *query.state == summary.state) &&
         (!query.job_class || *query.job_class == summary.job_class) &&
         (query.owner.empty() || query.owner == summary.owner) && (query.batch.empty() || query.batch == summary.batch);
}

}  // namespace

RadosJobs::RadosJobs(Space& jobs) : jobs_(jobs) {
  for (std::uint64_t i = 0; i < kObjects; ++i) objects_.push_back(std::format("jobs.{}", i));
}

const std::string& RadosJobs::object_of(JobId job) const { return objects_[job.value % kObjects]; }

Status RadosJobs::replace(JobId job, const Next& next) {
  const Deadline deadline = jobs_.deadline();
  const std::uint64_t token = new_token();
  bool unsure = false;
  while (!deadline.passed()) {
    Read read;
    read.keys = {record_key(job)};
    TT_ASSIGN(const ReadAnswer answer, jobs_.read(object_of(job), std::move(read), deadline));
    const std::string stored = answer.row(record_key(job));
    if (const auto parts = split_token(stored); parts && parts->token == token) return {};
    // Applied and changed again by another, or never applied: to do it once more might be to do it twice.
    if (unsure) break;
    TT_ASSIGN(const auto record, next(stored));
    if (!record) return {};
    Write write;
    write.create = true;
    write.expect = {{record_key(job), stored}};
    write.set = {{summary_key(job), embedded::encode_summary(*record)},
                 {record_key(job), with_token(token, to_json(*record))}};
    TT_ASSIGN(const WriteAnswer written, jobs_.write(object_of(job), std::move(write), deadline));
    if (written.applied) return {};
    unsure = written.unsure;
  }
  return fail(ErrorCode::kTimedOut,
              std::format("job {}: may have been changed or not, read it again", job.to_string()));
}

Status RadosJobs::put(const JobRecord& record) {
  TT_TRY(checked_job_json(record.job));
  return replace(record.job.id, [&](const std::string&) -> Result<std::optional<JobRecord>> { return record; });
}

Result<JobRecord> RadosJobs::get(JobId job) {
  Read read;
  read.keys = {record_key(job)};
  TT_ASSIGN(const ReadAnswer answer, jobs_.read(object_of(job), std::move(read), jobs_.deadline()));
  const std::string stored = answer.row(record_key(job));
  if (stored.empty()) return missing(job);
  return parsed(job, stored);
}

Result<JobRecord> RadosJobs::update(JobId job, const std::function<bool(JobRecord&)>& change) {
  JobRecord left;
  TT_TRY(replace(job, [&](const std::string& stored) -> Result<std::optional<JobRecord>> {
    if (stored.empty()) return missing(job);
    TT_ASSIGN(left, parsed(job, stored));
    JobRecord edited = left;
    if (!change(edited)) return std::nullopt;
    left = edited;
    return edited;
  }));
  return left;
}

Result<JobPage> RadosJobs::list(const JobQuery& query) {
  TT_TRY(check_page_limit(query.limit));
  ScanRange range{"", "s", ""};
  if (!query.cursor.empty()) {
    TT_ASSIGN(const JobId last, JobId::parse(query.cursor));
    range.after = summary_key(last);
  }
  const Deadline deadline = jobs_.deadline();
  const auto page_rows = static_cast<std::uint64_t>(query.limit) / 16 + 16;
  JobPage page;
  TT_TRY(scan_merged(jobs_, objects_, range, page_rows, deadline,
                     [&](const std::string& key, const std::string& value) -> Result<bool> {
                       const auto job = listed_photo(key);
                       const auto summary = embedded::decode_summary(value);
                       if (!job || !summary) return unreadable(job.value_or(JobId{}));
                       if (!matches(query, *summary)) return true;
                       if (std::ssize(page.records) == query.limit) {
                         page.next = page.records.back().job.id.to_string();
                         return false;
                       }
                       auto record = get(*job);
                       if (record) {
                         page.records.push_back(*std::move(record));
                       } else if (record.error().code != ErrorCode::kNotFound) {  // removed since the scan began
                         return fail(std::move(record).error());
                       }
                       return true;
                     }));
  return page;
}

Status RadosJobs::remove(JobId job) {
  return jobs_.erase(object_of(job), {summary_key(job), record_key(job)}, jobs_.deadline());
}

}  // namespace tintype::rados
