#include "storage_client/memory/memory_index.h"

#include <algorithm>
#include <format>
#include <tuple>

#include "storage_client/light_update.h"
#include "storage_client/month.h"
#include "storage_client/page_cursor.h"

namespace tintype {
namespace {

// Position in a list; greater is newer and comes first.
std::pair<UnixMs, PhotoId> rank(ListOrder order, UnixMs taken_at_ms, PhotoId photo) {
  return {order == ListOrder::kTaken ? taken_at_ms : 0, photo};
}

bool is_older(const PhotoRef& a, const PhotoRef& b) {
  return std::tie(a.since_ms, a.owner, a.photo) < std::tie(b.since_ms, b.owner, b.photo);
}

Result<RefPage> page_of(std::vector<PhotoRef> refs, const std::string& after, int limit) {
  TT_TRY(check_page_limit(limit));
  std::ranges::sort(refs, is_older);
  if (!after.empty()) {
    TT_ASSIGN(const PhotoRef last, parse_ref_cursor(after));
    std::erase_if(refs, [&](const PhotoRef& ref) { return !is_older(last, ref); });
  }
  RefPage page;
  page.refs = std::move(refs);
  if (std::ssize(page.refs) > limit) {
    page.refs.resize(static_cast<std::size_t>(limit));
    page.next = ref_cursor(page.refs.back());
  }
  return page;
}

}  // namespace

Result<MemoryIndex::Entry*> MemoryIndex::find(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  auto found = owners_[owner].photos.find(photo);
  if (found == owners_[owner].photos.end()) {
    return fail(ErrorCode::kNotFound, std::format("photo {} of {} does not exist", photo.to_string(), owner));
  }
  return &found->second;
}

Result<PhotoIndex::Created> MemoryIndex::create(const std::string& owner, const Photo& photo) {
  TT_TRY(check_photo(owner, photo));
  TT_TRY(checked_job_json(photo.heavy.job));
  std::lock_guard lock(mutex_);
  Owner& o = owners_[owner];
  const PhotoId id = photo.light.photo;
  const std::string& key = photo.heavy.idempotency_key;
  if (auto used = o.idempotency_keys.find(key); used != o.idempotency_keys.end()) {
    return Created{used->second, true};
  }
  if (o.photos.contains(id) || o.tombstones.contains(id)) {
    return fail(ErrorCode::kAlreadyExists, std::format("photo {} of {} exists already", id.to_string(), owner));
  }
  Entry& entry = o.photos.emplace(id, Entry{photo, clock_.now_ms()}).first->second;
  entry.photo.light.revision = photo.heavy.manifest.revision;
  if (!key.empty()) o.idempotency_keys.emplace(key, id);
  return Created{id, false};
}

Result<Photo> MemoryIndex::get(const std::string& owner, PhotoId photo) {
  std::lock_guard lock(mutex_);
  TT_ASSIGN(Entry * entry, find(owner, photo));
  return entry->photo;
}

Result<ListPage> MemoryIndex::list(const std::string& owner, const ListQuery& query) {
  TT_TRY(check_owner(owner));
  TT_TRY(check_page_limit(query.limit));
  std::optional<ListPosition> after;
  if (!query.cursor.empty()) {
    TT_ASSIGN(after, parse_list_cursor(query.by, query.cursor));
  }
  auto is_wanted = [&](const LightRow& row) {
    const UnixMs time_ms = query.by == ListOrder::kTaken ? row.taken_at_ms : row.photo.time_ms();
    if (query.from_ms && time_ms < *query.from_ms) return false;
    if (query.to_ms && time_ms >= *query.to_ms) return false;
    return !after || rank(query.by, row.taken_at_ms, row.photo) < rank(query.by, after->taken_at_ms, after->photo);
  };
  ListPage page;
  std::lock_guard lock(mutex_);
  for (const auto& [id, entry] : owners_[owner].photos) {
    if (is_wanted(entry.photo.light)) page.rows.push_back(entry.photo.light);
  }
  std::ranges::sort(page.rows, std::greater(),
                    [&](const LightRow& row) { return rank(query.by, row.taken_at_ms, row.photo); });
  if (std::ssize(page.rows) > query.limit) {
    page.rows.resize(static_cast<std::size_t>(query.limit));
    page.next = list_cursor(query.by, page.rows.back());
  }
  return page;
}

Result<std::vector<MonthCount>> MemoryIndex::months(const std::string& owner, ListOrder by) {
  TT_TRY(check_owner(owner));
  std::map<std::int64_t, std::uint64_t, std::greater<>> counts;
  std::lock_guard lock(mutex_);
  for (const auto& [id, entry] : owners_[owner].photos) {
    ++counts[month_of(by == ListOrder::kTaken ? entry.photo.light.taken_at_ms : id.time_ms())];
  }
  std::vector<MonthCount> months;
  for (const auto& [month, photos] : counts) months.push_back({month, photos});
  return months;
}

Result<std::optional<PhotoId>> MemoryIndex::find_idempotent(const std::string& owner, const std::string& key) {
  TT_TRY(check_owner(owner));
  std::lock_guard lock(mutex_);
  const auto& keys = owners_[owner].idempotency_keys;
  auto found = keys.find(key);
  if (found == keys.end()) return std::nullopt;
  return found->second;
}

Status MemoryIndex::commit_manifest(const std::string& owner, PhotoId photo, const Manifest& manifest,
                                    const LightUpdate& update) {
  if (update.thumbhash) TT_TRY(check_thumbhash(*update.thumbhash));
  std::lock_guard lock(mutex_);
  TT_ASSIGN(Entry * entry, find(owner, photo));
  Manifest& stored = entry->photo.heavy.manifest;
  if (stored.revision != manifest.revision) {
    return fail(ErrorCode::kConflict, std::format("photo {} of {}: its manifest is at revision {}, not {}",
                                                  photo.to_string(), owner, stored.revision, manifest.revision));
  }
  stored = manifest;
  stored.revision = manifest.revision + 1;
  apply(update, entry->photo.light);
  entry->photo.light.revision = stored.revision;
  if (ends_the_job(update)) entry->incomplete_since_ms.reset();
  return {};
}

Status MemoryIndex::set_job(const std::string& owner, PhotoId photo, const Job& job) {
  return change_job(owner, photo, job, JobChange::kSet);
}

Status MemoryIndex::renew_job(const std::string& owner, PhotoId photo, const Job& job) {
  return change_job(owner, photo, job, JobChange::kRenew);
}

Status MemoryIndex::change_job(const std::string& owner, PhotoId photo, const Job& job, JobChange change) {
  TT_TRY(checked_job_json(job));
  std::lock_guard lock(mutex_);
  TT_ASSIGN(Entry * entry, find(owner, photo));
  TT_TRY(check_job_change(change, entry->incomplete_since_ms.has_value(), entry->photo.heavy.job, job));
  entry->photo.heavy.job = job;
  entry->photo.light.complete = false;
  entry->photo.light.failed = false;
  entry->incomplete_since_ms = clock_.now_ms();
  return {};
}

Status MemoryIndex::set_failed(const std::string& owner, PhotoId photo) {
  std::lock_guard lock(mutex_);
  TT_ASSIGN(Entry * entry, find(owner, photo));
  entry->photo.light.failed = true;
  entry->incomplete_since_ms.reset();
  return {};
}

Status MemoryIndex::remove(const std::string& owner, PhotoId photo) {
  std::lock_guard lock(mutex_);
  TT_ASSIGN(const Entry* entry, find(owner, photo));
  Owner& o = owners_[owner];
  o.idempotency_keys.erase(entry->photo.heavy.idempotency_key);
  o.tombstones.emplace(photo, PhotoRef{owner, photo, clock_.now_ms(), entry->photo.heavy.job.id});
  o.photos.erase(photo);
  return {};
}

Result<RefPage> MemoryIndex::incomplete(const std::string& after, int limit) {
  std::vector<PhotoRef> refs;
  std::lock_guard lock(mutex_);
  for (const auto& [owner, o] : owners_) {
    for (const auto& [id, entry] : o.photos) {
      if (entry.incomplete_since_ms) refs.push_back({owner, id, *entry.incomplete_since_ms});
    }
  }
  return page_of(std::move(refs), after, limit);
}

Result<RefPage> MemoryIndex::tombstones(const std::string& after, int limit) {
  std::vector<PhotoRef> refs;
  std::lock_guard lock(mutex_);
  for (const auto& [owner, o] : owners_) {
    for (const auto& [id, ref] : o.tombstones) refs.push_back(ref);
  }
  return page_of(std::move(refs), after, limit);
}

Status MemoryIndex::purge(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  std::lock_guard lock(mutex_);
  owners_[owner].tombstones.erase(photo);
  return {};
}

// Lists are made from the photos each time.
Status MemoryIndex::rebuild_lists(const std::string& owner) { return check_owner(owner); }

Result<bool> MemoryIndex::owns_blobs(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  std::lock_guard lock(mutex_);
  return owners_[owner].photos.contains(photo);
}

}  // namespace tintype
