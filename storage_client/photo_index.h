// PhotoIndex: which photos an owner has, in two orders, and what is known of each.
//
// A light row (about 100 bytes) answers lists; the heavy row answers one photo. Both orderings, both rows, the
// tombstone and the "incomplete" mark of one photo change together or not at all. Every change is durable when
// its call returns. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/job/job.h"
#include "core/job/manifest.h"
#include "core/job/source_info.h"

namespace tintype {

struct LightRow {
  PhotoId photo;            // its time is the upload's
  UnixMs taken_at_ms = 0;   // from the picture; the upload's time until that is known
  std::uint32_t width = 0;  // upright; 0 until probed
  std::uint32_t height = 0;
  std::uint64_t bytes = 0;            // of the original
  std::optional<ImageFormat> format;  // until probed: none
  bool complete = false;              // every variant of its recipe is there
  bool failed = false;                // its job was given up
  std::uint64_t revision = 0;         // of the manifest; kept by the index
  std::string thumbhash;              // up to 32 raw bytes; empty until made

  bool operator==(const LightRow&) const = default;
};

struct HeavyRow {
  std::string file_name;     // as the uploader said; UTF-8, up to 255 bytes
  std::string content_type;  // as the uploader said
  std::string sha256;        // of the original, hex
  std::string original_key;  // BlobKey text
  std::string idempotency_key;
  Job job;  // the job that completes it: what the sweeper enqueues again
  Manifest manifest;
  std::string exif_json;  // by policy; empty: none
};

struct Photo {
  LightRow light;
  HeavyRow heavy;
};

enum class ListOrder : std::uint8_t { kUploaded, kTaken };

struct ListQuery {
  ListOrder by = ListOrder::kUploaded;
  std::optional<UnixMs> from_ms;  // inclusive
  std::optional<UnixMs> to_ms;    // exclusive
  int limit = 100;                // 1..1000
  std::string cursor;             // from the page before; empty: the start
};

struct ListPage {
  std::vector<LightRow> rows;  // newest first
  std::string next;            // empty: the end. Tolerates rows that come and go
};

// Months are numbered as storage_client/month.h says.
struct MonthCount {
  std::int64_t month = 0;
  std::uint64_t photos = 0;

  bool operator==(const MonthCount&) const = default;
};

struct PhotoRef {
  std::string owner;
  PhotoId photo;
  UnixMs since_ms = 0;  // incomplete or deleted since then
  JobId job;            // of a deleted photo: the last one it had
};

struct RefPage {
  std::vector<PhotoRef> refs;
  std::string next;  // empty: the end
};

// What a commit may change beside the manifest; absent fields stay.
struct LightUpdate {
  std::optional<UnixMs> taken_at_ms;
  std::optional<std::uint32_t> width, height;
  std::optional<ImageFormat> format;
  std::optional<bool> complete, failed;
  std::optional<std::string> thumbhash;
  std::optional<std::string> exif_json;  // of the heavy row
};

class PhotoIndex {
 public:
  virtual ~PhotoIndex() = default;

  struct Created {
    PhotoId photo;
    bool existed = false;  // the owner's idempotency key was used before: this is that photo, nothing was made
  };
  // A new photo, visible in lists and marked incomplete when this returns. kAlreadyExists when the id is taken or
  // was deleted (make another id). An idempotency key, if not empty, is looked up and stored in the same step;
  // remove() frees it. kInvalidArgument for a job that the queue would refuse.
  virtual Result<Created> create(const std::string& owner, const Photo& photo) = 0;

  // kNotFound also for deleted photos.
  virtual Result<Photo> get(const std::string& owner, PhotoId photo) = 0;
  // The same, without a copy where the index holds it in memory.
  virtual Result<std::shared_ptr<const Photo>> get_shared(const std::string& owner, PhotoId photo) {
    TT_ASSIGN(Photo read, get(owner, photo));
    return std::make_shared<const Photo>(std::move(read));
  }
  virtual Result<ListPage> list(const std::string& owner, const ListQuery& query) = 0;
  // How many photos each month has by that time, newest first, without those that have none. The work of as many rows
  // as there are months, not photos.
  virtual Result<std::vector<MonthCount>> months(const std::string& owner, ListOrder by) = 0;
  virtual Result<std::optional<PhotoId>> find_idempotent(const std::string& owner, const std::string& key) = 0;

  // Compare-and-set: kConflict unless the stored revision is `manifest.revision`; stores it with revision + 1.
  // Clears the incomplete mark when `update.complete` or `update.failed` is true. kNotFound once deleted: a
  // deleted photo never comes back.
  virtual Status commit_manifest(const std::string& owner, PhotoId photo, const Manifest& manifest,
                                 const LightUpdate& update) = 0;

  // Marks the photo incomplete, from now on, with this job (replay, a new recipe); its row is neither complete nor
  // failed any more. The manifest stays.
  virtual Status set_job(const std::string& owner, PhotoId photo, const Job& job) = 0;
  // The same, for who judges by what it read before: kConflict, and nothing has changed, unless the photo is marked
  // incomplete and its job is `job` but of the generation before. So of several sweepers one enqueues a job again, and
  // none a job whose commit was faster.
  virtual Status renew_job(const std::string& owner, PhotoId photo, const Job& job) = 0;

  // Given up: no longer incomplete, shown as failed. The manifest stays.
  virtual Status set_failed(const std::string& owner, PhotoId photo) = 0;

  // Gone from every list and get when this returns; a tombstone remains until purge(). kNotFound if it was not.
  virtual Status remove(const std::string& owner, PhotoId photo) = 0;

  // Photos whose job has not completed, and deleted photos not yet purged; over all owners, oldest first, in
  // pages of 1..1000. For the sweeper.
  virtual Result<RefPage> incomplete(const std::string& after, int limit) = 0;
  virtual Result<RefPage> tombstones(const std::string& after, int limit) = 0;
  // Forgets a tombstone whose blobs are gone; Ok also when there was none. The id stays unusable for create() for as
  // long as the index can tell.
  virtual Status purge(const std::string& owner, PhotoId photo) = 0;

  // Makes what lists are read from again, where it may be wrong: each photo in both orders once, the counts of months
  // theirs. For scrubbing; the owner's writers wait meanwhile.
  virtual Status rebuild_lists(const std::string& owner) = 0;

  // True if blobs of this photo must be kept (it exists), false if it does not or was deleted.
  virtual Result<bool> owns_blobs(const std::string& owner, PhotoId photo) = 0;
};

}  // namespace tintype
