// Migration: one farm's photos and job records from a store to another, while the farm goes on with the first.
//
// It goes in rounds. A round compares both stores, owner by owner, by their lists' light rows, and makes the target as
// the source is: photos that are missing or have changed are copied, those that the source no longer has are deleted.
// What the source's farm does meanwhile is the next round's. A round that finds nothing to do says that the target is
// as the source was during that round; once nobody writes to the source, that it is the same.
//
// What has been done is in the target itself, nowhere else: killed at any moment, the next round begins with what is
// still missing. A photo's write order is that of an upload: blobs, each read back and compared with its digest, then
// the index, then the manifest's commit (to the revision that the source has, so that the lists tell what is done). The
// delete order is index, then blobs. What a death between them leaves:
//   blobs, no row     the next round finds the blobs and verifies them, instead of copying
//   a row, revision lower, marked incomplete     the next round sees another revision, and commits
//   a deleted row, blobs    the target's sweeper removes them
// Nobody else may write to the target's photos meanwhile: run its nodes and gateways after the last round.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "storage_client/blob_store.h"
#include "storage_client/job_store.h"
#include "storage_client/photo_blobs.h"
#include "storage_client/photo_index.h"

namespace tintype {

struct StoreSeams {
  BlobStore& blobs;
  PhotoIndex& index;
  JobStore& jobs;
};

struct MigrationConfig {
  int photos_at_once = 8;
  bool dry_run = false;  // compares and counts; writes nothing
  std::size_t problems_kept = 100;

  Status validate() const;
};

// What stays behind, and why. Tried again by the next round.
struct MigrationProblem {
  std::string owner;
  PhotoId photo;
  Error error;
};

struct MigrationCount {
  std::uint64_t photos_at_source = 0;  // seen in lists
  std::uint64_t original_bytes = 0;    // theirs
  std::uint64_t same = 0;              // nothing to do
  std::uint64_t copied = 0;            // or would be, in a dry run
  std::uint64_t changed = 0;           // were there, with another revision or state
  std::uint64_t deleted = 0;           // from the target, after the source
  std::uint64_t failed = 0;            // of which `problems` says why
  std::uint64_t blobs_written = 0, bytes_written = 0;
  std::uint64_t blobs_verified = 0;  // that were there from a round before
  std::uint64_t jobs_copied = 0;

  bool is_in_step() const { return copied + changed + deleted + failed == 0; }
};

struct MigrationRound {
  MigrationCount count;
  std::vector<MigrationProblem> problems;  // the first ones
  bool stopped = false;                    // before its end
};

class Migration {
 public:
  // Everything must outlive it.
  Migration(const MigrationConfig& config, StoreSeams source, StoreSeams target);

  // One round; Error when a store cannot be listed or is full, else what cannot be copied is among the problems. Ends
  // early once `stop` answers true (asked between photos; may be empty).
  Result<MigrationRound> round(const std::function<bool()>& stop);

  // Of the round under way; any thread.
  struct Progress {
    MigrationCount count;
    std::uint64_t photos_to_see = 0, bytes_to_see = 0;  // what the round expects; 0 until it knows
  };
  Progress progress() const;

 private:
  struct Task {
    enum class What : std::uint8_t { kCopy, kUpdate, kDelete } what;
    std::string owner;
    PhotoId photo;
    std::uint64_t bytes = 0;
  };

  Result<std::vector<std::string>> owners();
  Status compare(const std::string& owner, std::vector<Task>& tasks);
  Result<bool> has_other_job(const std::string& owner, PhotoId photo);
  Status run(std::vector<Task>& tasks, MigrationRound& round);
  Status run_one(const Task& task);

  Status copy_photo(const std::string& owner, PhotoId photo);
  Status update_photo(const std::string& owner, PhotoId photo);
  Status bring_up(const std::string& owner, const Photo& source, const Photo& target);
  Status delete_photo(const std::string& owner, PhotoId photo);
  Status copy_blobs(const Photo& photo);
  Status copy_blob(const NamedBlob& blob);
  // True: it is there as it must be.
  Result<bool> is_at_target(const BlobKey& key, const NamedBlob& blob);
  Status copy_jobs();

  const MigrationConfig config_;
  const StoreSeams source_, target_;
  std::function<bool()> stop_;

  mutable std::mutex mutex_;
  Progress progress_;
};

}  // namespace tintype
