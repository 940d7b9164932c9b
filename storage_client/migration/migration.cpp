#include "storage_client/migration/migration.h"

#include <algorithm>
#include <atomic>
#include <format>
#include <set>
#include <thread>

namespace tintype {
namespace {

constexpr int kPage = 1000;
constexpr std::size_t kTasksOfOneRun = 2000;

bool stops_all(const Error& error) { return error.code == ErrorCode::kStorageFull || error.code == ErrorCode::kDenied; }

// Owners and sizes of every blob; photos that only pass through (the compression API's) stay where they are.
Status see_blobs(BlobStore& blobs, std::set<std::string>& owners,
                 const std::function<void(const BlobKey&, const BlobInfo&)>& see) {
  std::string after;
  do {
    TT_ASSIGN(const BlobListing page, blobs.list(after, kPage));
    for (const auto& [key, info] : page.blobs) {
      if (!is_client_owner(key.owner)) continue;
      owners.insert(key.owner);
      see(key, info);
    }
    after = page.next;
  } while (!after.empty());
  return {};
}

}  // namespace

Status MigrationConfig::validate() const {
  if (photos_at_once >= 1 && photos_at_once <= 256) return {};
  return fail(ErrorCode::kInvalidArgument, "migration: 1 to 256 photos at once");
}

Migration::Migration(const MigrationConfig& config, StoreSeams source, StoreSeams target)
    : config_(config), source_(source), target_(target) {}

Migration::Progress Migration::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

Result<std::vector<std::string>> Migration::owners() {
  std::set<std::string> owners;
  std::uint64_t photos = 0, bytes = 0;
  std::optional<std::pair<std::string, PhotoId>> last;
  TT_TRY(see_blobs(source_.blobs, owners, [&](const BlobKey& key, const BlobInfo& info) {
    if (last != std::pair(key.owner, key.photo)) ++photos;
    last = {key.owner, key.photo};
    bytes += info.size;
  }));
  // An owner whose every photo was deleted since the last round is in the target alone.
  TT_TRY(see_blobs(target_.blobs, owners, [](const BlobKey&, const BlobInfo&) {}));
  const std::lock_guard lock(mutex_);
  progress_.photos_to_see = photos;
  progress_.bytes_to_see = bytes;
  return std::vector(owners.begin(), owners.end());
}

Result<bool> Migration::has_other_job(const std::string& owner, PhotoId photo) {
  const auto there = source_.index.get(owner, photo);
  if (!there && there.error().code == ErrorCode::kNotFound) return false;  // the next round's
  if (!there) return fail(there.error());
  const auto here = target_.index.get(owner, photo);
  if (!here && here.error().code == ErrorCode::kNotFound) return true;
  if (!here) return fail(here.error());
  return to_json(there->heavy.job) != to_json(here->heavy.job);
}

Status Migration::compare(const std::string& owner, std::vector<Task>& tasks) {
  OwnerRows there(source_.index, owner), here(target_.index, owner);
  while (true) {
    TT_ASSIGN(const LightRow* source, there.peek());
    TT_ASSIGN(const LightRow* target, here.peek());
    if (!source && !target) return {};
    if (target && (!source || target->photo > source->photo)) {
      tasks.push_back({Task::What::kDelete, owner, target->photo});
      here.next();
      continue;
    }
    const bool is_new = !target || source->photo > target->photo;
    bool is_other = !is_new && *source != *target;
    if (!is_new && !is_other && !source->complete && !source->failed) {
      TT_ASSIGN(is_other, has_other_job(owner, source->photo));
    }
    {
      const std::lock_guard lock(mutex_);
      ++progress_.count.photos_at_source;
      progress_.count.original_bytes += source->bytes;
      if (!is_new && !is_other) ++progress_.count.same;
    }
    if (is_new) tasks.push_back({Task::What::kCopy, owner, source->photo, source->bytes});
    if (is_other) tasks.push_back({Task::What::kUpdate, owner, source->photo, source->bytes});
    there.next();
    if (!is_new) here.next();
  }
}

Status Migration::run_one(const Task& task) {
  std::uint64_t MigrationCount::* done = nullptr;
  Status status;
  switch (task.what) {
    case Task::What::kCopy:
      done = &MigrationCount::copied;
      if (!config_.dry_run) status = copy_photo(task.owner, task.photo);
      break;
    case Task::What::kUpdate:
      done = &MigrationCount::changed;
      if (!config_.dry_run) status = update_photo(task.owner, task.photo);
      break;
    case Task::What::kDelete:
      done = &MigrationCount::deleted;
      if (!config_.dry_run) status = delete_photo(task.owner, task.photo);
      break;
  }
  const std::lock_guard lock(mutex_);
  ++(progress_.count.*(status ? done : &MigrationCount::failed));
  return status;
}

// Deletions first: they free idempotency keys that a photo to be copied may have.
Status Migration::run(std::vector<Task>& tasks, MigrationRound& round) {
  const auto copies =
      std::ranges::stable_partition(tasks, [](const Task& task) { return task.what == Task::What::kDelete; });
  const auto deletions = static_cast<std::size_t>(copies.begin() - tasks.begin());
  std::mutex mutex;
  Status fatal;
  const auto run_some = [&](std::size_t from, std::size_t end) {
    std::atomic<std::size_t> next = from;
    std::vector<std::jthread> threads;
    const auto at_once = std::min<std::size_t>(static_cast<std::size_t>(config_.photos_at_once), end - from);
    for (std::size_t t = 0; t < at_once; ++t) {
      threads.emplace_back([&] {
        for (std::size_t i = next++; i < end; i = next++) {
          if (stop_ && stop_()) {
            const std::lock_guard lock(mutex);
            round.stopped = true;
            return;
          }
          const Status status = run_one(tasks[i]);
          if (status) continue;
          const std::lock_guard lock(mutex);
          if (round.problems.size() < config_.problems_kept)
            round.problems.push_back({tasks[i].owner, tasks[i].photo, status.error()});
          if (!stops_all(status.error())) continue;
          fatal = status;
          next = end;
        }
      });
    }
  };
  run_some(0, deletions);
  if (fatal && !round.stopped) run_some(deletions, tasks.size());
  tasks.clear();
  return fatal;
}

Result<MigrationRound> Migration::round(const std::function<bool()>& stop) {
  TT_TRY(config_.validate());
  stop_ = stop;
  {
    const std::lock_guard lock(mutex_);
    progress_ = {};
  }
  MigrationRound round;
  TT_ASSIGN(const std::vector<std::string> owners, this->owners());
  std::vector<Task> tasks;
  for (const std::string& owner : owners) {
    if (round.stopped || (stop && stop())) {
      round.stopped = true;
      break;
    }
    TT_TRY(compare(owner, tasks));
    if (tasks.size() >= kTasksOfOneRun) TT_TRY(run(tasks, round));
  }
  if (!round.stopped) TT_TRY(run(tasks, round));
  if (!round.stopped && !config_.dry_run) TT_TRY(copy_jobs());
  round.count = progress().count;
  return round;
}

// Records are for people: the newest state wins, and nothing waits for them. A record that has not changed ends in
// the same text.
Status Migration::copy_jobs() {
  JobQuery query;
  query.limit = kPage;
  do {
    TT_ASSIGN(const JobPage page, source_.jobs.list(query));
    for (const JobRecord& record : page.records) {
      if (!is_client_owner(record.job.owner)) continue;
      const auto there = target_.jobs.get(record.job.id);
      if (!there && there.error().code != ErrorCode::kNotFound) return fail(there.error());
      if (there && to_json(*there) == to_json(record)) continue;
      TT_TRY(target_.jobs.put(record));
      const std::lock_guard lock(mutex_);
      ++progress_.count.jobs_copied;
    }
    query.cursor = page.next;
  } while (!query.cursor.empty());
  return {};
}

}  // namespace tintype
