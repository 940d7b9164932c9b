// The memory store's BlobStore. Never full. Readers keep their blob alive after it is removed.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "storage_client/blob_store.h"

namespace tintype {

class MemoryBlobs final : public BlobStore {
 public:
  struct Blob {
    BlobKey key;
    Bytes bytes;
    BlobInfo info;
  };

  explicit MemoryBlobs(const Clock& clock) : clock_(clock) {}

  Result<std::unique_ptr<BlobWriter>> create(const BlobKey& key, std::uint64_t size_hint) override;
  Status put_all(std::span<const BlobPut> puts) override;
  Result<std::unique_ptr<BlobReader>> open(const BlobKey& key) override;
  Result<BlobInfo> stat(const BlobKey& key) override;
  Status remove(const BlobKey& key) override;
  Status remove_photo(const std::string& owner, PhotoId photo) override;
  Result<BlobListing> list(const std::string& after, int limit) override;
  Result<std::uint64_t> free_bytes() override;

  // kAlreadyExists if the key is there.
  Result<BlobInfo> add(const BlobKey& key, ByteView bytes);

 private:
  std::shared_ptr<const Blob> find(const BlobKey& key);

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Blob>> blobs_;  // by key text
};

}  // namespace tintype
