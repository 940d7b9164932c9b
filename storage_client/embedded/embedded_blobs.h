// The embedded store's BlobStore: small blobs in packs, large ones as files of their own. A blob exists when its row
// (small) or its file (large) does.
//
// A key's row is looked for first. Only a put_all that died between replacing a small blob by a large one (or the
// reverse) can leave both; the small one is found then.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>

#include "storage_client/blob_store.h"
#include "storage_client/embedded/database.h"
#include "storage_client/embedded/original_files.h"
#include "storage_client/embedded/pack_files.h"
#include "storage_client/embedded/rows.h"
#include "storage_client/embedded/space_watermark.h"
#include "storage_client/embedded/stripes.h"

namespace tintype::embedded {

class EmbeddedBlobs final : public BlobStore {
 public:
  EmbeddedBlobs(const EmbeddedStoreConfig& config, Database& database, OriginalFiles& files, PackFiles& packs,
                const Clock& clock)
      : config_(config),
        database_(database),
        files_(files),
        packs_(packs),
        clock_(clock),
        watermark_(config.min_free_bytes, config.resume_at_bytes()) {}

  Result<std::unique_ptr<BlobWriter>> create(const BlobKey& key, std::uint64_t size_hint) override;
  Status put_all(std::span<const BlobPut> puts) override;
  Result<std::unique_ptr<BlobReader>> open(const BlobKey& key) override;
  Result<BlobInfo> stat(const BlobKey& key) override;
  Status remove(const BlobKey& key) override;
  Status remove_photo(const std::string& owner, PhotoId photo) override;
  Result<BlobListing> list(const std::string& after, int limit) override;
  Result<std::uint64_t> free_bytes() override;
  Status takes_blobs() override { return check_space(0); }

  // While it is held nothing is removed; new blobs may come.
  [[nodiscard]] std::unique_lock<std::shared_mutex> hold_removals() { return std::unique_lock(removals_); }

 private:
  friend class EmbeddedWriter;

  // Rows that appear and vanish together, and the bytes that nobody will need once they have.
  struct Change;

  bool is_small(std::uint64_t bytes) const { return bytes <= config_.packed_blob_limit_bytes; }
  // kStorageFull if `bytes` more would leave less than the configured reserve.
  Status check_space(std::uint64_t bytes);
  Result<std::optional<PackedBlob>> find_packed(const BlobKey& key);
  Status check_absent(const BlobKey& key);

  // The bytes of `puts`, durable but not yet anybody's.
  Result<std::vector<PackedBlob>> append(std::span<const BlobPut> puts);
  // With the photo's stripe held.
  Status forget(Change& change, const BlobKey& key);
  void remember(Change& change, const BlobKey& key, const PackedBlob& blob);
  Status apply(Change& change);

  // create() only: the first to commit has the key.
  Result<BlobInfo> commit_small(const BlobKey& key, ByteView bytes);
  Result<BlobInfo> commit_large(const BlobKey& key, NewFile& file);

  const EmbeddedStoreConfig& config_;
  Database& database_;
  OriginalFiles& files_;
  PackFiles& packs_;
  const Clock& clock_;
  Stripes photos_;
  SpaceWatermark watermark_;
  std::shared_mutex removals_;  // shared by whoever removes; taken before a stripe
};

}  // namespace tintype::embedded
