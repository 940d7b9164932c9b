// Scrub: reads a whole store back and compares what it says with itself, while the farm goes on.
//
// First every blob, in the order of BlobStore::list: its bytes against the digest that the photo's row has; blobs that
// no row names, and that are older than any job can be, are orphans. Then every photo of every owner: each blob that
// its row names must be there; both orders must have it once, and the counts of months be theirs. An owner none of
// whose photos has a blob left is not found.
//
// Repairs are those that cannot lose anything. A wrong original stays as it is: what is left of it is its owner's. A
// variant that is wrong or missing is first marked by a job of a raised generation, which the sweeper enqueues, then
// dropped from the manifest; a death between the two leaves a mark, and a next scrub finds the variant again.
#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>

#include "core/base/clock.h"
#include "storage_client/blob_store.h"
#include "storage_client/photo_blobs.h"
#include "storage_client/photo_index.h"
#include "storage_client/scrub/scrub_state.h"

namespace tintype {

struct ScrubServices {
  BlobStore& blobs;  // not through a cache: what is on the disks is read
  PhotoIndex& index;
  const Clock& clock;
  // Sleeps so long; false: the scrub is to stop.
  std::function<bool(std::chrono::milliseconds)> pause;
  // Keeps the state; called every few seconds.
  std::function<Status(const ScrubState&)> keep;
};

struct ScrubConfig {
  std::chrono::milliseconds orphan_after{3'600'000};  // age of a blob: more than a job's longest life
  std::chrono::milliseconds patience{600'000};        // with a store that cannot be reached
  int blobs_a_page = 100;
};

class Scrub {
 public:
  Scrub(const ScrubConfig& config, const ScrubServices& services) : config_(config), services_(services) {}

  // Goes on where `state` stands, to the end of the store or until it is to stop; `state` says how it ended.
  void run(ScrubState& state);

 private:
  using Step = Status (Scrub::*)();
  Status run_phases();
  // The step, again and again while the store cannot be reached.
  Status patiently(Step step);
  Status count_blobs();
  Status check_page();  // of blobs
  Status check_owners();

  Status check_blobs_of(std::span<const std::pair<BlobKey, BlobInfo>> blobs);
  Status check_blob(const Photo& photo, const NamedBlob& named, const BlobKey& key, std::set<std::string>& bad);
  Status sweep(const BlobKey& key, const BlobInfo& info);
  Status check_photos(const std::string& owner);
  Status check_presence(const std::string& owner, const LightRow& row);
  Status check_lists(const std::string& owner);
  Status make_again(const std::string& owner, PhotoId photo, const std::set<std::string>& bad);
  // What the photo's row says of a blob now; none: nothing any more.
  Result<std::optional<NamedBlob>> named_now(const BlobKey& key);

  void found(ScrubKind kind, const std::string& owner, std::string photo_id, std::string blob, std::string detail,
             bool repaired);
  Status spend(std::uint64_t bytes);
  Status keep();

  const ScrubConfig config_;
  const ScrubServices services_;
  ScrubState* state_ = nullptr;
  double spent_until_ = 0;  // on the steady clock: when what was read is paid for
  UnixMs kept_at_ms_ = 0;
};

}  // namespace tintype
