#include "storage_client/rados/rados_index.h"

#include <algorithm>
#include <format>
#include <functional>
#include <thread>

#include "storage_client/light_update.h"
#include "storage_client/month.h"

namespace tintype::rados {
namespace {

constexpr auto kPatienceWithAClaim = std::chrono::seconds(2);
constexpr auto kPauseForAClaim = std::chrono::milliseconds(10);
// Of how many rows an object may be over its limit before somebody counts: one part in these.
constexpr std::uint64_t kChecksALimit = 64;

std::string name_of(const std::string& owner, PhotoId photo) {
  return std::format("photo {} of {}", photo.to_string(), owner);
}

std::unexpected<Error> missing(const std::string& owner, PhotoId photo) {
  return fail(ErrorCode::kNotFound, name_of(owner, photo) + " does not exist");
}

std::unexpected<Error> exists_already(const std::string& owner, PhotoId photo) {
  return fail(ErrorCode::kAlreadyExists, name_of(owner, photo) + " exists already");
}

std::unexpected<Error> unreadable(const std::string& owner, PhotoId photo) {
  return fail(ErrorCode::kCorruptData, name_of(owner, photo) + ": its rows cannot be read, run a scrub");
}

std::unexpected<Error> unknown_outcome(const std::string& owner, PhotoId photo) {
  return fail(ErrorCode::kTimedOut,
              name_of(owner, photo) + ": may have been changed or not, the cluster did not say in time; read it again");
}

void replace_light(Write& write, const embedded::LightRecord* before, const embedded::LightRecord& after,
                   std::uint64_t token) {
  const PhotoId photo = after.row.photo;
  const std::string value = with_token(token, embedded::encode(after));
  if (before && before->row.taken_at_ms != after.row.taken_at_ms)
    write.erase.push_back(taken_key(before->row.taken_at_ms, photo));
  write.set.emplace_back(uploaded_key(photo), value);
  write.set.emplace_back(taken_key(after.row.taken_at_ms, photo), value);
  const std::int64_t month = month_of(after.row.taken_at_ms);
  const auto month_before = before ? std::optional(month_of(before->row.taken_at_ms)) : std::nullopt;
  if (month_before == month) return;
  if (month_before) write.add.emplace_back(month_key(ListOrder::kTaken, *month_before), -1);
  write.add.emplace_back(month_key(ListOrder::kTaken, month), 1);
}

// An object that there was not has no rows that are uncounted.
void open_if_fresh(const PhotoRows& rows, Write& write) {
  write.create = true;
  if (rows.fresh) {
    write.set.emplace_back(kStateKey, encode(ShardState{.counted = true, .split_at = {}, .new_object = {}}));
  }
}

bool has_token(const std::string& value, std::uint64_t token) {
  const auto parts = split_token(value);
  return parts && parts->token == token;
}

// Whether a write with this token has been applied, as far as these rows can tell.
bool shows(const PhotoRows& rows, std::uint64_t token) {
  if (has_token(rows.light, token) || has_token(rows.manifest, token)) return true;
  const auto tombstone = decode_tombstone(rows.tombstone);
  return tombstone && tombstone->token == token;
}

bool is_created_by(const PhotoRows& rows, std::uint64_t token) {
  const auto tombstone = decode_tombstone(rows.tombstone);
  return has_token(rows.heavy, token) || (tombstone && tombstone->creation == token);
}

std::optional<HeavyRow> heavy_of(const PhotoRows& rows) {
  const auto parts = split_token(rows.heavy);
  return parts ? embedded::decode_heavy(parts->value) : std::nullopt;
}

}  // namespace

RadosIndex::RadosIndex(Space& owners, Space& keys, Space& marks, const RadosStoreConfig& config, const Clock& clock,
                       Logger& log)
    : owners_(owners),
      clock_(clock),
      log_(log),
      creations_a_check_(std::max<std::uint64_t>(config.split_above_keys / kChecksALimit, 1)),
      shards_(owners, config, log),
      claims_(keys),
      incomplete_(marks, clock, "incomplete"),
      deleted_(marks, clock, "deleted") {}

Status RadosIndex::change(const std::string& owner, PhotoId photo, Deadline deadline, const Edit& edit) {
  TT_TRY(check_owner(owner));
  const std::uint64_t token = new_token();
  bool unsure = false;
  while (!deadline.passed()) {
    TT_ASSIGN(const PhotoRows rows, shards_.rows_of(owner, photo, RowsFor::kWriting, deadline));
    if (unsure && shows(rows, token)) return {};
    if (rows.light.empty()) {
      if (unsure) return unknown_outcome(owner, photo);
      return missing(owner, photo);
    }
    const auto before = decode_light(photo, rows.light);
    if (!before) return unreadable(owner, photo);
    Write write;
    write.expect = {{kStateKey, rows.state}, {uploaded_key(photo), rows.light}};
    if (const Status edited = edit(rows, *before, token, write); !edited) {
      if (unsure) return unknown_outcome(owner, photo);
      return edited;
    }
    TT_ASSIGN(const WriteAnswer answer, owners_.write(rows.object, std::move(write), deadline));
    if (answer.applied) return {};
    unsure |= answer.unsure;
  }
  return unknown_outcome(owner, photo);
}

Result<PhotoIndex::Created> RadosIndex::create(const std::string& owner, const Photo& photo) {
  TT_TRY(check_photo(owner, photo));
  TT_ASSIGN(const std::string job_json, checked_job_json(photo.heavy.job));
  const Deadline deadline = owners_.deadline();
  const PhotoId id = photo.light.photo;
  const std::string& key = photo.heavy.idempotency_key;
  if (!key.empty()) {
    TT_ASSIGN(const auto holder, claim(owner, key, id, deadline));
    if (holder) return Created{*holder, true};
  }
  const PhotoRef mark{owner, id, clock_.now_ms(), {}};
  TT_TRY(incomplete_.put(mark, deadline));
  const Status created = create_rows(owner, photo, job_json, mark.since_ms, deadline);
  if (!created) {
    if (created.error().code == ErrorCode::kAlreadyExists && !key.empty()) claims_.release(owner, key, id, deadline);
    return fail(created.error());
  }
  if (id.value % creations_a_check_ == 0) {
    // The photo is there whatever comes of this; the next check tries again.
    if (const Status split = shards_.split_if_large(owner, id, deadline); !split) {
      log_.warning("index_split_failed", {{"owner", owner}, {"error", split.error().to_string()}});
    }
  }
  return Created{id, false};
}

Status RadosIndex::create_rows(const std::string& owner, const Photo& photo, const std::string& job_json, UnixMs now_ms,
                               Deadline deadline) {
  const PhotoId id = photo.light.photo;
  const std::uint64_t token = new_token();
  embedded::LightRecord record{photo.light, now_ms};
  record.row.revision = photo.heavy.manifest.revision;
  while (!deadline.passed()) {
    TT_ASSIGN(const PhotoRows rows, shards_.rows_of(owner, id, RowsFor::kWriting, deadline));
    if (is_created_by(rows, token)) return {};
    if (!rows.light.empty() || !rows.tombstone.empty()) return exists_already(owner, id);
    Write write;
    open_if_fresh(rows, write);
    write.expect = {{kStateKey, rows.state}, {uploaded_key(id), ""}, {tombstone_key(id), ""}};
    replace_light(write, nullptr, record, token);
    write.add.emplace_back(month_key(ListOrder::kUploaded, month_of(id.time_ms())), 1);
    write.set.emplace_back(heavy_key(id), with_token(token, embedded::encode_heavy(photo.heavy, job_json)));
    write.set.emplace_back(manifest_key(id), with_token(token, to_json(photo.heavy.manifest)));
    TT_ASSIGN(const WriteAnswer answer, owners_.write(rows.object, std::move(write), deadline));
    if (answer.applied) return {};
  }
  return unknown_outcome(owner, id);
}

Result<std::optional<PhotoId>> RadosIndex::claim(const std::string& owner, const std::string& key, PhotoId photo,
                                                 Deadline deadline) {
  const auto impatient_at = std::chrono::steady_clock::now() + kPatienceWithAClaim;
  while (!deadline.passed()) {
    TT_ASSIGN(const auto holder, claims_.holder(owner, key, deadline));
    if (holder) {
      TT_ASSIGN(const PhotoRows rows, shards_.rows_of(owner, *holder, RowsFor::kReading, deadline));
      const auto heavy = heavy_of(rows);
      if (heavy && heavy->idempotency_key == key) return holder;
      if (*holder == photo) return std::nullopt;
      const bool is_dead = !rows.tombstone.empty() || !rows.light.empty();
      if (!is_dead) {
        // Its maker is between claim and photo, or has died there.
        if (std::chrono::steady_clock::now() < impatient_at) {
          std::this_thread::sleep_for(kPauseForAClaim);
        } else {
          TT_TRY(fence(owner, *holder, deadline));
        }
        continue;
      }
    }
    TT_ASSIGN(const bool is_ours, claims_.change(owner, key, holder, photo, deadline));
    if (is_ours) return std::nullopt;
  }
  return fail(ErrorCode::kTimedOut,
              std::format("idempotency key of {}: others were using it until the deadline, try again", owner));
}

Status RadosIndex::fence(const std::string& owner, PhotoId photo, Deadline deadline) {
  TT_ASSIGN(const PhotoRows rows, shards_.rows_of(owner, photo, RowsFor::kWriting, deadline));
  Write write;
  open_if_fresh(rows, write);
  write.expect = {{kStateKey, rows.state}, {uploaded_key(photo), ""}, {tombstone_key(photo), ""}};
  write.set.emplace_back(tombstone_key(photo),
                         encode(Tombstone{.token = new_token(), .since_ms = clock_.now_ms(), .job = {}}));
  // Refused: the photo is there now, or the fence is.
  TT_TRY(owners_.write(rows.object, std::move(write), deadline));
  return {};
}

Result<Photo> RadosIndex::get(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  TT_ASSIGN(const PhotoRows rows, shards_.rows_of(owner, photo, RowsFor::kReading, owners_.deadline()));
  if (rows.light.empty()) return missing(owner, photo);
  auto light = decode_light(photo, rows.light);
  auto heavy = heavy_of(rows);
  const auto manifest_parts = split_token(rows.manifest);
  if (!light || !heavy || !manifest_parts) return unreadable(owner, photo);
  auto manifest = parse_manifest(manifest_parts->value);
  if (!manifest) return unreadable(owner, photo);
  heavy->manifest = *std::move(manifest);
  heavy->manifest.revision = light->record.row.revision;
  return Photo{std::move(light->record.row), *std::move(heavy)};
}

Result<ListPage> RadosIndex::list(const std::string& owner, const ListQuery& query) {
  TT_TRY(check_owner(owner));
  TT_TRY(check_page_limit(query.limit));
  return shards_.list(owner, query, owners_.deadline());
}

Result<std::vector<MonthCount>> RadosIndex::months(const std::string& owner, ListOrder by) {
  TT_TRY(check_owner(owner));
  return shards_.months(owner, by, owners_.deadline());
}

Status RadosIndex::rebuild_lists(const std::string& owner) {
  TT_TRY(check_owner(owner));
  return shards_.rebuild_lists(owner, owners_.deadline());
}

Result<std::optional<PhotoId>> RadosIndex::find_idempotent(const std::string& owner, const std::string& key) {
  TT_TRY(check_owner(owner));
  if (key.empty()) return std::nullopt;
  const Deadline deadline = owners_.deadline();
  TT_ASSIGN(const auto holder, claims_.holder(owner, key, deadline));
  if (!holder) return std::nullopt;
  TT_ASSIGN(const PhotoRows rows, shards_.rows_of(owner, *holder, RowsFor::kReading, deadline));
  const auto heavy = heavy_of(rows);
  if (!heavy || heavy->idempotency_key != key) return std::nullopt;
  return holder;
}

Status RadosIndex::commit_manifest(const std::string& owner, PhotoId photo, const Manifest& manifest,
                                   const LightUpdate& update) {
  if (update.thumbhash) TT_TRY(check_thumbhash(*update.thumbhash));
  const std::string json = to_json(manifest);
  const Deadline deadline = owners_.deadline();
  std::optional<UnixMs> ended_mark;
  TT_TRY(change(owner, photo, deadline,
                [&](const PhotoRows&, const LightValue& before, std::uint64_t token, Write& write) -> Status {
                  const embedded::LightRecord& record = before.record;
                  if (record.row.revision != manifest.revision) {
                    return fail(ErrorCode::kConflict,
                                std::format("{}: its manifest is at revision {}, not {}", name_of(owner, photo),
                                            record.row.revision, manifest.revision));
                  }
                  embedded::LightRecord after = record;
                  ++after.row.revision;
                  apply(update, after.row);
                  ended_mark.reset();
                  if (ends_the_job(update)) ended_mark = std::exchange(after.incomplete_since_ms, std::nullopt);
                  replace_light(write, &record, after, token);
                  write.set.emplace_back(manifest_key(photo), with_token(token, json));
                  return {};
                }));
  if (ended_mark) incomplete_.erase({owner, photo, *ended_mark, {}}, deadline);
  return {};
}

Status RadosIndex::set_job(const std::string& owner, PhotoId photo, const Job& job) {
  return change_job(owner, photo, job, JobChange::kSet);
}

Status RadosIndex::renew_job(const std::string& owner, PhotoId photo, const Job& job) {
  return change_job(owner, photo, job, JobChange::kRenew);
}

Status RadosIndex::change_job(const std::string& owner, PhotoId photo, const Job& job, JobChange kind) {
  TT_TRY(check_owner(owner));
  TT_ASSIGN(const std::string job_json, checked_job_json(job));
  const Deadline deadline = owners_.deadline();
  const PhotoRef mark{owner, photo, clock_.now_ms(), {}};
  TT_TRY(incomplete_.put(mark, deadline));
  std::optional<UnixMs> old_mark;
  TT_TRY(change(owner, photo, deadline,
                [&](const PhotoRows& rows, const LightValue& before, std::uint64_t token, Write& write) -> Status {
                  const auto creation = split_token(rows.heavy);
                  const auto heavy = heavy_of(rows);
                  if (!creation || !heavy) return unreadable(owner, photo);
                  TT_TRY(check_job_change(kind, before.record.incomplete_since_ms.has_value(), heavy->job, job));
                  embedded::LightRecord after = before.record;
                  after.row.complete = false;
                  after.row.failed = false;
                  old_mark = std::exchange(after.incomplete_since_ms, mark.since_ms);
                  replace_light(write, &before.record, after, token);
                  write.set.emplace_back(heavy_key(photo),
                                         with_token(creation->token, embedded::encode_heavy(*heavy, job_json)));
                  return {};
                }));
  if (old_mark && *old_mark != mark.since_ms) incomplete_.erase({owner, photo, *old_mark, {}}, deadline);
  return {};
}

Status RadosIndex::set_failed(const std::string& owner, PhotoId photo) {
  const Deadline deadline = owners_.deadline();
  std::optional<UnixMs> ended_mark;
  TT_TRY(change(owner, photo, deadline,
                [&](const PhotoRows&, const LightValue& before, std::uint64_t token, Write& write) -> Status {
                  embedded::LightRecord after = before.record;
                  after.row.failed = true;
                  ended_mark = std::exchange(after.incomplete_since_ms, std::nullopt);
                  replace_light(write, &before.record, after, token);
                  return {};
                }));
  if (ended_mark) incomplete_.erase({owner, photo, *ended_mark, {}}, deadline);
  return {};
}

Status RadosIndex::remove(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  const Deadline deadline = owners_.deadline();
  {
    TT_ASSIGN(const PhotoRows rows, shards_.rows_of(owner, photo, RowsFor::kReading, deadline));
    if (rows.light.empty()) return missing(owner, photo);  // before a mark is made for nothing
  }
  const PhotoRef mark{owner, photo, clock_.now_ms(), {}};
  TT_TRY(deleted_.put(mark, deadline));
  std::optional<UnixMs> ended_mark;
  std::string key;
  TT_TRY(change(owner, photo, deadline,
                [&](const PhotoRows& rows, const LightValue& before, std::uint64_t token, Write& write) -> Status {
                  const auto creation = split_token(rows.heavy);
                  const auto heavy = heavy_of(rows);
                  if (!creation || !heavy) return unreadable(owner, photo);
                  key = heavy->idempotency_key;
                  ended_mark = before.record.incomplete_since_ms;
                  write.erase = {uploaded_key(photo), taken_key(before.record.row.taken_at_ms, photo), heavy_key(photo),
                                 manifest_key(photo)};
                  write.add = {{month_key(ListOrder::kUploaded, month_of(photo.time_ms())), -1},
                               {month_key(ListOrder::kTaken, month_of(before.record.row.taken_at_ms)), -1}};
                  write.set = {
                      {tombstone_key(photo), encode(Tombstone{token, creation->token, mark.since_ms, heavy->job.id})}};
                  return {};
                }));
  if (ended_mark) incomplete_.erase({owner, photo, *ended_mark, {}}, deadline);
  if (!key.empty()) claims_.release(owner, key, photo, deadline);
  return {};
}

Result<RefPage> RadosIndex::incomplete(const std::string& after, int limit) {
  const Deadline deadline = owners_.deadline();
  return incomplete_.page(after, limit, deadline, [&](const PhotoRef& ref) -> Result<std::optional<PhotoRef>> {
    TT_ASSIGN(const PhotoRows rows, shards_.rows_of(ref.owner, ref.photo, RowsFor::kReading, deadline));
    if (rows.light.empty()) return std::nullopt;
    const auto light = decode_light(ref.photo, rows.light);
    if (!light) return unreadable(ref.owner, ref.photo);
    if (light->record.incomplete_since_ms != ref.since_ms) return std::nullopt;
    return ref;
  });
}

Result<RefPage> RadosIndex::tombstones(const std::string& after, int limit) {
  const Deadline deadline = owners_.deadline();
  return deleted_.page(after, limit, deadline, [&](const PhotoRef& ref) -> Result<std::optional<PhotoRef>> {
    TT_ASSIGN(const PhotoRows rows, shards_.rows_of(ref.owner, ref.photo, RowsFor::kReading, deadline));
    const auto tombstone = decode_tombstone(rows.tombstone);
    if (!tombstone || tombstone->since_ms != ref.since_ms) return std::nullopt;
    PhotoRef shown = ref;
    shown.job = tombstone->job;
    return shown;
  });
}

Status RadosIndex::purge(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  const Deadline deadline = owners_.deadline();
  while (!deadline.passed()) {
    TT_ASSIGN(const PhotoRows rows, shards_.rows_of(owner, photo, RowsFor::kWriting, deadline));
    const auto tombstone = decode_tombstone(rows.tombstone);
    if (!tombstone) return {};
    Write write;
    write.expect = {{kStateKey, rows.state}, {tombstone_key(photo), rows.tombstone}};
    write.erase = {tombstone_key(photo)};
    TT_ASSIGN(const WriteAnswer answer, owners_.write(rows.object, std::move(write), deadline));
    if (!answer.applied) continue;
    deleted_.erase({owner, photo, tombstone->since_ms, {}}, deadline);
    return {};
  }
  return unknown_outcome(owner, photo);
}

Result<bool> RadosIndex::owns_blobs(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  TT_ASSIGN(const PhotoRows rows, shards_.rows_of(owner, photo, RowsFor::kReading, owners_.deadline()));
  return !rows.light.empty();
}

}  // namespace tintype::rados
