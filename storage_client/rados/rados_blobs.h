// Blobs on RADOS: one object a photo, its bundle, has the directory of its blobs and the bytes of the small
// ones; larger ones are chunks (chunks.h). Every change of a bundle is one compound operation, so a blob is
// there whole or not at all.
//
// A catalogue, over a fixed number of objects by hash, names every bundle: it is written before a bundle is
// made, and forgets one only when it has long been gone. Lists go by it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "storage_client/blob_store.h"
#include "storage_client/rados/bundle_rows.h"
#include "storage_client/rados/chunks.h"
#include "storage_client/rados/cluster.h"
#include "storage_client/rados/rados_store.h"

namespace tintype::rados {

class RadosBlobs final : public BlobStore {
 public:
  struct Spaces {
    Space& bundles;
    Space& chunks;
    Space& catalogue;
    Space& trash;
  };
  RadosBlobs(Cluster& cluster, Spaces spaces, const RadosStoreConfig& config, const Clock& clock, Logger& log);

  Result<std::unique_ptr<BlobWriter>> create(const BlobKey& key, std::uint64_t size_hint) override;
  Status put_all(std::span<const BlobPut> puts) override;
  Result<std::unique_ptr<BlobReader>> open(const BlobKey& key) override;
  Result<BlobInfo> stat(const BlobKey& key) override;
  Status remove(const BlobKey& key) override;
  Status remove_photo(const std::string& owner, PhotoId photo) override;
  Result<BlobListing> list(const std::string& after, int limit) override;
  Result<std::uint64_t> free_bytes() override;
  Status takes_blobs() override;

 private:
  class Writer;
  struct Item {
    BlobKey key;
    BlobEntry entry;
    ByteView bytes;  // if inline
  };
  enum class Existing : std::uint8_t { kRefused, kReplaced };

  // Into the bundle of these items' photo, in one step.
  Status place(std::vector<Item>& items, Existing existing, Deadline deadline);
  Status move_to_chunks(Item& item, Deadline deadline);
  Result<std::optional<BlobEntry>> entry_of(const BlobKey& key, Deadline deadline);
  Status enter_in_catalogue(const std::string& bundle, Deadline deadline);
  Status list_bundle(const std::string& bundle, const std::string& after_entry, std::size_t limit, BlobListing& listing,
                     bool& exists, Deadline deadline);
  void forget_bundle(const std::string& bundle, const std::string& catalogued, Deadline deadline);

  Cluster& cluster_;
  Space& bundles_;
  Space& catalogue_;
  const RadosStoreConfig& config_;
  const Clock& clock_;
  Logger& log_;
  Chunks chunks_;

  std::mutex free_mutex_;
  std::uint64_t free_bytes_ = 0;
  double free_asked_at_s_ = -1;  // clock's steady seconds
};

}  // namespace tintype::rados
