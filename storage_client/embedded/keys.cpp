#include "storage_client/embedded/keys.h"

#include <algorithm>
#include <limits>

#include "storage_client/embedded/byte_order.h"
#include "storage_client/page_cursor.h"

namespace tintype::embedded {
namespace {

constexpr char kUploaded = 'u';
constexpr char kTaken = 't';
constexpr char kHeavy = 'h';
constexpr char kManifest = 'm';
constexpr char kIdempotency = 'k';
constexpr char kTombstone = 'd';
constexpr char kMonth = 'c';
constexpr char kNote = 'n';
constexpr char kJobSummary = 's';
constexpr char kJobRecord = 'r';
constexpr char kBlob = 'b';
constexpr char kExtent = 'e';
constexpr char kOwnerEnd = '\0';

constexpr UnixMs kEndOfIdTime = UnixMs{1} << (64 - kIdRandomBits);

std::string owner_prefix(char kind, std::string_view owner) {
  std::string key;
  key.reserve(1 + owner.size() + 1 + 2 * sizeof(std::uint64_t));
  key.push_back(kind);
  key += owner;
  key.push_back(kOwnerEnd);
  return key;
}

std::string photo_key(char kind, std::string_view owner, std::uint64_t number) {
  std::string key = owner_prefix(kind, owner);
  append(key, number);
  return key;
}

std::string_view take_owner(ByteReader& in) {
  const std::size_t size = std::min(in.rest().find(kOwnerEnd), in.rest().size());
  const std::string_view owner = in.take(size);
  in.take(1);
  return owner;
}

// Ids of the milliseconds [from, to).
KeyRange uploaded_range(std::string_view owner, const ListQuery& query) {
  KeyRange range{owner_prefix(kUploaded, owner), after_prefix(owner_prefix(kUploaded, owner))};
  if (query.to_ms && *query.to_ms <= 0) return {};
  if (query.to_ms && *query.to_ms < kEndOfIdTime) {
    range.from = after_key(uploaded_key(owner, PhotoId::first_at(*query.to_ms)));
  }
  if (query.from_ms && *query.from_ms >= kEndOfIdTime) return {};
  if (query.from_ms && *query.from_ms > 0) {
    range.end = after_key(uploaded_key(owner, PhotoId::first_at(*query.from_ms)));
  }
  return range;
}

// Times of the milliseconds [from, to), whatever the ids.
KeyRange taken_range(std::string_view owner, const ListQuery& query) {
  constexpr UnixMs kFirst = std::numeric_limits<UnixMs>::min();
  const std::string prefix = owner_prefix(kTaken, owner);
  KeyRange range{prefix, after_prefix(prefix)};
  if (query.to_ms) {
    if (*query.to_ms == kFirst) return {};
    range.from = prefix;
    append(range.from, ~sortable_ms(*query.to_ms - 1));
  }
  if (query.from_ms && *query.from_ms != kFirst) {
    range.end = prefix;
    append(range.end, ~sortable_ms(*query.from_ms - 1));
  }
  return range;
}

std::string month_prefix(std::string_view owner, ListOrder by) {
  std::string prefix = owner_prefix(kMonth, owner);
  prefix.push_back(by == ListOrder::kTaken ? kTaken : kUploaded);
  return prefix;
}

std::string mark_prefix(Mark mark) { return std::string(1, static_cast<char>(mark)); }

}  // namespace

std::string after_key(std::string key) {
  key.push_back('\0');
  return key;
}

std::string after_prefix(std::string prefix) {
  while (prefix.back() == '\xff') prefix.pop_back();
  ++prefix.back();
  return prefix;
}

std::string uploaded_key(std::string_view owner, PhotoId photo) { return photo_key(kUploaded, owner, ~photo.value); }

std::string taken_key(std::string_view owner, UnixMs taken_at_ms, PhotoId photo) {
  std::string key = photo_key(kTaken, owner, ~sortable_ms(taken_at_ms));
  append(key, ~photo.value);
  return key;
}

std::string heavy_key(std::string_view owner, PhotoId photo) { return photo_key(kHeavy, owner, photo.value); }
std::string manifest_key(std::string_view owner, PhotoId photo) { return photo_key(kManifest, owner, photo.value); }
std::string tombstone_key(std::string_view owner, PhotoId photo) { return photo_key(kTombstone, owner, photo.value); }

std::string idempotency_key(std::string_view owner, std::string_view text) {
  return owner_prefix(kIdempotency, owner).append(text);
}

Result<KeyRange> list_range(std::string_view owner, const ListQuery& query) {
  const bool by_taken = query.by == ListOrder::kTaken;
  KeyRange range = by_taken ? taken_range(owner, query) : uploaded_range(owner, query);
  if (query.cursor.empty()) return range;
  TT_ASSIGN(const ListPosition last, parse_list_cursor(query.by, query.cursor));
  const std::string shown = by_taken ? taken_key(owner, last.taken_at_ms, last.photo) : uploaded_key(owner, last.photo);
  range.from = std::max(range.from, after_key(shown));
  return range;
}

PhotoId listed_photo(std::string_view key) {
  return {~ByteReader(key.substr(key.size() - sizeof(std::uint64_t))).number<std::uint64_t>()};
}

std::string_view listed_owner(std::string_view key) {
  ByteReader in(key.substr(1));
  return take_owner(in);
}

KeyRange all_listed(ListOrder by) {
  const std::string prefix(1, by == ListOrder::kTaken ? kTaken : kUploaded);
  return {prefix, after_prefix(prefix)};
}

std::string month_key(std::string_view owner, ListOrder by, std::int64_t month) {
  std::string key = month_prefix(owner, by);
  append(key, ~sortable_ms(month));
  return key;
}

KeyRange months_of(std::string_view owner, ListOrder by) {
  const std::string prefix = month_prefix(owner, by);
  return {prefix, after_prefix(prefix)};
}

KeyRange all_months() {
  const std::string prefix(1, kMonth);
  return {prefix, after_prefix(prefix)};
}

std::int64_t counted_month(std::string_view key) {
  return ms_from_sortable(~ByteReader(key.substr(key.size() - sizeof(std::uint64_t))).number<std::uint64_t>());
}

std::string note_key(std::string_view name) { return std::string(1, kNote).append(name); }

std::string mark_key(Mark mark, UnixMs since_ms, std::string_view owner, PhotoId photo) {
  std::string key = mark_prefix(mark);
  append(key, sortable_ms(since_ms));
  key += owner;
  key.push_back(kOwnerEnd);
  append(key, photo.value);
  return key;
}

KeyRange mark_range(Mark mark, const std::optional<PhotoRef>& after) {
  const std::string prefix = mark_prefix(mark);
  return {after ? after_key(mark_key(mark, after->since_ms, after->owner, after->photo)) : prefix,
          after_prefix(prefix)};
}

std::optional<PhotoRef> parse_mark_key(std::string_view key) {
  ByteReader in(key.substr(1));
  PhotoRef ref;
  ref.since_ms = ms_from_sortable(in.number<std::uint64_t>());
  ref.owner = take_owner(in);
  ref.photo.value = in.number<std::uint64_t>();
  if (!in.ok_and_done()) return std::nullopt;
  return ref;
}

std::string job_summary_key(JobId job) {
  std::string key(1, kJobSummary);
  append(key, ~job.value);
  return key;
}

std::string job_record_key(JobId job) {
  std::string key(1, kJobRecord);
  append(key, ~job.value);
  return key;
}

KeyRange job_summary_range(std::optional<JobId> after) {
  const std::string prefix(1, kJobSummary);
  return {after ? after_key(job_summary_key(*after)) : prefix, after_prefix(prefix)};
}

JobId summarised_job(std::string_view key) { return {~ByteReader(key.substr(1)).number<std::uint64_t>()}; }

std::string blob_key(const BlobKey& key) {
  std::string out = photo_key(kBlob, key.owner, key.photo.value);
  append(out, key.generation);
  out += key.part;
  return out;
}

KeyRange blob_range(const std::optional<BlobKey>& after) {
  const std::string prefix(1, kBlob);
  return {after ? after_key(blob_key(*after)) : prefix, after_prefix(prefix)};
}

KeyRange blob_range_of(std::string_view owner, PhotoId photo) {
  const std::string prefix = photo_key(kBlob, owner, photo.value);
  return {prefix, after_prefix(prefix)};
}

std::optional<BlobKey> parse_blob_key(std::string_view key) {
  ByteReader in(key.substr(1));
  BlobKey out;
  out.owner = take_owner(in);
  out.photo.value = in.number<std::uint64_t>();
  out.generation = in.number<std::uint32_t>();
  out.part = in.rest();
  if (!in.ok() || out.part.empty()) return std::nullopt;
  return out;
}

std::string extent_key(const Extent& extent) {
  std::string key(1, kExtent);
  append(key, extent.pack);
  append(key, extent.offset);
  return key;
}

KeyRange all_extents() {
  const std::string prefix(1, kExtent);
  return {prefix, after_prefix(prefix)};
}

KeyRange extents_of(std::uint64_t pack) {
  std::string prefix(1, kExtent);
  append(prefix, pack);
  return {prefix, after_prefix(prefix)};
}

}  // namespace tintype::embedded
