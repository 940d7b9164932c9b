#include "storage_client/embedded/embedded_index.h"

#include <format>
#include <map>

#include <rocksdb/write_batch.h>

#include "storage_client/embedded/month_counts.h"
#include "storage_client/light_update.h"
#include "storage_client/page_cursor.h"

namespace tintype::embedded {
namespace {

constexpr Family kIndex = Family::kIndex;

std::string name_of(const std::string& owner, PhotoId photo) {
  return std::format("photo {} of {}", photo.to_string(), owner);
}

std::unexpected<Error> missing(const std::string& owner, PhotoId photo) {
  return fail(ErrorCode::kNotFound, name_of(owner, photo) + " does not exist");
}

}  // namespace

Result<LightRecord> EmbeddedIndex::read_light(const std::string& owner, PhotoId photo) {
  rocksdb::PinnableSlice value;
  TT_ASSIGN(const bool found, database_.get(kIndex, uploaded_key(owner, photo), value));
  if (!found) return missing(owner, photo);
  auto record = decode_light(photo, value.ToStringView());
  if (!record) return database_.corrupt("the row of " + name_of(owner, photo));
  return *std::move(record);
}

Result<HeavyRow> EmbeddedIndex::read_heavy(const std::string& owner, PhotoId photo) {
  rocksdb::PinnableSlice value;
  TT_ASSIGN(const bool found, database_.get(kIndex, heavy_key(owner, photo), value));
  auto row = found ? decode_heavy(value.ToStringView()) : std::nullopt;
  if (!row) return database_.corrupt("the heavy row of " + name_of(owner, photo));
  return *std::move(row);
}

void EmbeddedIndex::replace_light(rocksdb::WriteBatch& batch, const std::string& owner, const LightRecord* before,
                                  const LightRecord& after) {
  auto* family = database_.family(kIndex);
  const PhotoId photo = after.row.photo;
  const std::string value = encode(after);
  if (before && before->row.taken_at_ms != after.row.taken_at_ms) {
    batch.Delete(family, taken_key(owner, before->row.taken_at_ms, photo));
  }
  if (!before || before->row.taken_at_ms != after.row.taken_at_ms) {
    if (before) count_photo(batch, family, owner, before->row, -1);
    count_photo(batch, family, owner, after.row, +1);
  }
  batch.Put(family, uploaded_key(owner, photo), value);
  batch.Put(family, taken_key(owner, after.row.taken_at_ms, photo), value);
  const auto marked_before = before ? before->incomplete_since_ms : std::nullopt;
  if (marked_before == after.incomplete_since_ms) return;
  if (marked_before) batch.Delete(family, mark_key(Mark::kIncomplete, *marked_before, owner, photo));
  if (after.incomplete_since_ms) {
    batch.Put(family, mark_key(Mark::kIncomplete, *after.incomplete_since_ms, owner, photo), {});
  }
}

Result<PhotoIndex::Created> EmbeddedIndex::create(const std::string& owner, const Photo& photo) {
  TT_TRY(check_photo(owner, photo));
  TT_ASSIGN(const std::string job_json, checked_job_json(photo.heavy.job));
  const PhotoId id = photo.light.photo;
  const std::string& key = photo.heavy.idempotency_key;

  Stripes::Lock key_lock;
  if (!key.empty()) {
    key_lock = idempotency_keys_.lock(owner + '\0' + key);
    TT_ASSIGN(const auto used, find_idempotent(owner, key));
    if (used) return Created{*used, true};
  }
  const auto photo_lock = photos_.lock(owner, id.value);
  TT_ASSIGN(const auto taken, (database_.get_together<2>(kIndex, {uploaded_key(owner, id), tombstone_key(owner, id)})));
  if (taken.found[0] || taken.found[1]) {
    return fail(ErrorCode::kAlreadyExists, name_of(owner, id) + " exists already");
  }

  auto* family = database_.family(kIndex);
  rocksdb::WriteBatch batch;
  const Manifest& manifest = photo.heavy.manifest;
  LightRow row = photo.light;
  row.revision = manifest.revision;
  replace_light(batch, owner, nullptr, {std::move(row), clock_.now_ms()});
  batch.Put(family, heavy_key(owner, id), encode_heavy(photo.heavy, job_json));
  batch.Put(family, manifest_key(owner, id), to_json(manifest));
  if (!key.empty()) batch.Put(family, idempotency_key(owner, key), encode_id(id));
  TT_TRY(database_.write(batch, Durability::kSynced));
  return Created{id, false};
}

Result<Photo> EmbeddedIndex::get(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  TT_ASSIGN(const auto rows, (database_.get_together<3>(kIndex, {uploaded_key(owner, photo), heavy_key(owner, photo),
                                                                 manifest_key(owner, photo)})));
  if (!rows.found[0]) return missing(owner, photo);
  auto light = decode_light(photo, rows.value[0].ToStringView());
  auto heavy = decode_heavy(rows.value[1].ToStringView());
  auto manifest = parse_manifest(rows.value[2].ToStringView());
  if (!light || !heavy || !manifest) return database_.corrupt(name_of(owner, photo));
  heavy->manifest = *std::move(manifest);
  heavy->manifest.revision = light->row.revision;
  return Photo{std::move(light->row), *std::move(heavy)};
}

Result<ListPage> EmbeddedIndex::list(const std::string& owner, const ListQuery& query) {
  TT_TRY(check_owner(owner));
  TT_TRY(check_page_limit(query.limit));
  TT_ASSIGN(KeyRange range, list_range(owner, query));
  ListPage page;
  RangeScan scan(database_, kIndex, std::move(range));
  for (; scan.valid(); scan.next()) {
    if (std::ssize(page.rows) == query.limit) {
      page.next = list_cursor(query.by, page.rows.back());
      break;
    }
    auto record = decode_light(listed_photo(scan.key()), scan.value());
    if (!record) return database_.corrupt("a row in the list of " + owner);
    page.rows.push_back(std::move(record->row));
  }
  TT_TRY(scan.status());
  return page;
}

Result<std::vector<MonthCount>> EmbeddedIndex::months(const std::string& owner, ListOrder by) {
  TT_TRY(check_owner(owner));
  return read_month_counts(database_, owner, by);
}

Result<std::optional<PhotoId>> EmbeddedIndex::find_idempotent(const std::string& owner, const std::string& key) {
  TT_TRY(check_owner(owner));
  rocksdb::PinnableSlice value;
  TT_ASSIGN(const bool found, database_.get(kIndex, idempotency_key(owner, key), value));
  if (!found) return std::nullopt;
  const auto photo = decode_id(value.ToStringView());
  if (!photo) return database_.corrupt("an idempotency key of " + owner);
  return *photo;
}

Status EmbeddedIndex::commit_manifest(const std::string& owner, PhotoId photo, const Manifest& manifest,
                                      const LightUpdate& update) {
  TT_TRY(check_owner(owner));
  if (update.thumbhash) TT_TRY(check_thumbhash(*update.thumbhash));
  const std::string json = to_json(manifest);
  const auto lock = photos_.lock(owner, photo.value);
  TT_ASSIGN(const LightRecord before, read_light(owner, photo));
  if (before.row.revision != manifest.revision) {
    return fail(ErrorCode::kConflict, std::format("{}: its manifest is at revision {}, not {}", name_of(owner, photo),
                                                  before.row.revision, manifest.revision));
  }
  LightRecord after = before;
  ++after.row.revision;
  apply(update, after.row);
  if (ends_the_job(update)) after.incomplete_since_ms.reset();
  rocksdb::WriteBatch batch;
  replace_light(batch, owner, &before, after);
  batch.Put(database_.family(kIndex), manifest_key(owner, photo), json);
  return database_.write(batch, Durability::kSynced);
}

Status EmbeddedIndex::set_job(const std::string& owner, PhotoId photo, const Job& job) {
  return change_job(owner, photo, job, JobChange::kSet);
}

Status EmbeddedIndex::renew_job(const std::string& owner, PhotoId photo, const Job& job) {
  return change_job(owner, photo, job, JobChange::kRenew);
}

Status EmbeddedIndex::change_job(const std::string& owner, PhotoId photo, const Job& job, JobChange change) {
  TT_TRY(check_owner(owner));
  TT_ASSIGN(const std::string job_json, checked_job_json(job));
  const auto lock = photos_.lock(owner, photo.value);
  TT_ASSIGN(const LightRecord before, read_light(owner, photo));
  TT_ASSIGN(const HeavyRow heavy, read_heavy(owner, photo));
  TT_TRY(check_job_change(change, before.incomplete_since_ms.has_value(), heavy.job, job));
  LightRecord after = before;
  after.row.complete = false;
  after.row.failed = false;
  after.incomplete_since_ms = clock_.now_ms();
  rocksdb::WriteBatch batch;
  replace_light(batch, owner, &before, after);
  batch.Put(database_.family(kIndex), heavy_key(owner, photo), encode_heavy(heavy, job_json));
  return database_.write(batch, Durability::kSynced);
}

Status EmbeddedIndex::set_failed(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  const auto lock = photos_.lock(owner, photo.value);
  TT_ASSIGN(const LightRecord before, read_light(owner, photo));
  LightRecord after = before;
  after.row.failed = true;
  after.incomplete_since_ms.reset();
  rocksdb::WriteBatch batch;
  replace_light(batch, owner, &before, after);
  return database_.write(batch, Durability::kSynced);
}

Status EmbeddedIndex::remove(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  const auto lock = photos_.lock(owner, photo.value);
  TT_ASSIGN(const LightRecord record, read_light(owner, photo));
  TT_ASSIGN(const HeavyRow heavy, read_heavy(owner, photo));
  auto* family = database_.family(kIndex);
  const UnixMs now_ms = clock_.now_ms();
  rocksdb::WriteBatch batch;
  count_photo(batch, family, owner, record.row, -1);
  batch.Delete(family, uploaded_key(owner, photo));
  batch.Delete(family, taken_key(owner, record.row.taken_at_ms, photo));
  batch.Delete(family, heavy_key(owner, photo));
  batch.Delete(family, manifest_key(owner, photo));
  if (record.incomplete_since_ms) {
    batch.Delete(family, mark_key(Mark::kIncomplete, *record.incomplete_since_ms, owner, photo));
  }
  if (!heavy.idempotency_key.empty()) batch.Delete(family, idempotency_key(owner, heavy.idempotency_key));
  batch.Put(family, tombstone_key(owner, photo), encode_time(now_ms));
  batch.Put(family, mark_key(Mark::kDeleted, now_ms, owner, photo), encode_id(heavy.job.id));
  return database_.write(batch, Durability::kSynced);
}

Result<RefPage> EmbeddedIndex::marked(Mark mark, const std::string& after, int limit) {
  TT_TRY(check_page_limit(limit));
  std::optional<PhotoRef> last;
  if (!after.empty()) {
    TT_ASSIGN(last, parse_ref_cursor(after));
  }
  RefPage page;
  RangeScan scan(database_, kIndex, mark_range(mark, last));
  for (; scan.valid(); scan.next()) {
    if (std::ssize(page.refs) == limit) {
      page.next = ref_cursor(page.refs.back());
      break;
    }
    auto ref = parse_mark_key(scan.key());
    if (!ref) return database_.corrupt("a mark");
    if (const auto job = decode_id(scan.value())) ref->job = *job;
    page.refs.push_back(*std::move(ref));
  }
  TT_TRY(scan.status());
  return page;
}

Result<RefPage> EmbeddedIndex::incomplete(const std::string& after, int limit) {
  return marked(Mark::kIncomplete, after, limit);
}

Result<RefPage> EmbeddedIndex::tombstones(const std::string& after, int limit) {
  return marked(Mark::kDeleted, after, limit);
}

Status EmbeddedIndex::purge(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  const auto lock = photos_.lock(owner, photo.value);
  rocksdb::PinnableSlice value;
  TT_ASSIGN(const bool found, database_.get(kIndex, tombstone_key(owner, photo), value));
  if (!found) return {};
  const auto since_ms = decode_time(value.ToStringView());
  if (!since_ms) return database_.corrupt("the tombstone of " + name_of(owner, photo));
  rocksdb::WriteBatch batch;
  batch.Delete(database_.family(kIndex), tombstone_key(owner, photo));
  batch.Delete(database_.family(kIndex), mark_key(Mark::kDeleted, *since_ms, owner, photo));
  return database_.write(batch, Durability::kSynced);
}

Status EmbeddedIndex::rebuild_lists(const std::string& owner) {
  TT_TRY(check_owner(owner));
  const auto lock = photos_.lock_all();
  auto* family = database_.family(kIndex);
  rocksdb::WriteBatch batch;
  std::map<PhotoId, LightRow> photos;
  ListQuery all;
  TT_ASSIGN(KeyRange by_upload, list_range(owner, all));
  RangeScan scan(database_, kIndex, std::move(by_upload));
  for (; scan.valid(); scan.next()) {
    const auto record = decode_light(listed_photo(scan.key()), scan.value());
    if (!record) return database_.corrupt("a row in the list of " + owner);
    batch.Put(family, taken_key(owner, record->row.taken_at_ms, record->row.photo), rocksdb::Slice(scan.value()));
    photos.emplace(record->row.photo, record->row);
  }
  TT_TRY(scan.status());
  all.by = ListOrder::kTaken;
  TT_ASSIGN(KeyRange by_taken, list_range(owner, all));
  RangeScan taken(database_, kIndex, std::move(by_taken));
  for (; taken.valid(); taken.next()) {
    const PhotoId photo = listed_photo(taken.key());
    const auto record = decode_light(photo, taken.value());
    if (!record) return database_.corrupt("a row in the list of " + owner);
    if (!photos.contains(photo)) {
      TT_ASSIGN(const bool exists, database_.contains(kIndex, heavy_key(owner, photo)));
      if (exists) {
        batch.Put(family, uploaded_key(owner, photo), rocksdb::Slice(taken.value()));
        photos.emplace(photo, record->row);
      }
    }
    const auto known = photos.find(photo);
    if (known == photos.end() || taken_key(owner, known->second.taken_at_ms, photo) != taken.key()) {
      batch.Delete(family, rocksdb::Slice(taken.key()));
    }
  }
  TT_TRY(taken.status());
  std::vector<LightRow> rows;
  for (auto& [photo, row] : photos) rows.push_back(std::move(row));
  TT_TRY(replace_month_counts(database_, batch, owner, rows));
  return database_.write(batch, Durability::kSynced);
}

Result<bool> EmbeddedIndex::owns_blobs(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  return database_.contains(kIndex, uploaded_key(owner, photo));
}

}  // namespace tintype::embedded
