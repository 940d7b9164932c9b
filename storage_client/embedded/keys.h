// The keys of the database. docs/adr/0003-embedded-store.md has the table.
//
// A key is a kind (one letter), then its fields. Owners end in a zero byte, which no owner contains: no owner's keys
// are the prefix of another's. Numbers are big-endian; where lists show the newest first the number is complemented,
// so that a list is one seek and a scan forward. Times are signed and are stored so that they sort.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage_client/blob_store.h"
#include "storage_client/photo_index.h"

namespace tintype::embedded {

struct KeyRange {
  std::string from;  // inclusive
  std::string end;   // exclusive

  bool is_empty() const { return from >= end; }
};

// The smallest key after `key`, and after every key that starts with `prefix` (not empty, not all 0xff).
std::string after_key(std::string key);
std::string after_prefix(std::string prefix);

// Photos.
std::string uploaded_key(std::string_view owner, PhotoId photo);
std::string taken_key(std::string_view owner, UnixMs taken_at_ms, PhotoId photo);
std::string heavy_key(std::string_view owner, PhotoId photo);
std::string manifest_key(std::string_view owner, PhotoId photo);
std::string idempotency_key(std::string_view owner, std::string_view text);
std::string tombstone_key(std::string_view owner, PhotoId photo);
// The rows that `query` asks for, after its cursor. kInvalidArgument for a bad cursor.
Result<KeyRange> list_range(std::string_view owner, const ListQuery& query);
// The photo of an uploaded_key or a taken_key.
PhotoId listed_photo(std::string_view key);

// The owner of an uploaded_key or a taken_key; and all owners' keys of that kind, an owner's together.
std::string_view listed_owner(std::string_view key);
KeyRange all_listed(ListOrder by);

// Counts of photos by month, an owner's and a kind's together, newest first; and all there are.
std::string month_key(std::string_view owner, ListOrder by, std::int64_t month);
KeyRange months_of(std::string_view owner, ListOrder by);
KeyRange all_months();
std::int64_t counted_month(std::string_view key);

// What the index notes about itself.
std::string note_key(std::string_view name);

// Marks, over all owners, oldest first.
enum class Mark : char { kIncomplete = 'i', kDeleted = 'D' };
std::string mark_key(Mark mark, UnixMs since_ms, std::string_view owner, PhotoId photo);
KeyRange mark_range(Mark mark, const std::optional<PhotoRef>& after);
std::optional<PhotoRef> parse_mark_key(std::string_view key);

// Jobs, newest first.
std::string job_summary_key(JobId job);
std::string job_record_key(JobId job);
KeyRange job_summary_range(std::optional<JobId> after);
JobId summarised_job(std::string_view key);

// Packed blobs: where one is, and what lies in a pack.
std::string blob_key(const BlobKey& key);
KeyRange blob_range(const std::optional<BlobKey>& after);
KeyRange blob_range_of(std::string_view owner, PhotoId photo);
std::optional<BlobKey> parse_blob_key(std::string_view key);
struct Extent {
  std::uint64_t pack = 0;    // number of the file
  std::uint64_t offset = 0;  // in it, bytes
  std::uint64_t size = 0;

  bool operator==(const Extent&) const = default;
};
std::string extent_key(const Extent& extent);
// All extents by pack and offset, and those of one pack.
KeyRange all_extents();
KeyRange extents_of(std::uint64_t pack);

}  // namespace tintype::embedded
