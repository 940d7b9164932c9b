// The embedded store's BlobWriter: holds the bytes until they are more than a small blob may have, then streams them
// to a file.
#pragma once

#include <optional>
#include <vector>

#include "storage_client/embedded/embedded_blobs.h"

namespace tintype::embedded {

class EmbeddedWriter final : public BlobWriter {
 public:
  EmbeddedWriter(EmbeddedBlobs& store, BlobKey key) : store_(store), key_(std::move(key)) {}

  Status write(ByteView piece) override;
  Result<BlobInfo> commit() override;

  // From now on to a file.
  Status spill();

 private:
  EmbeddedBlobs& store_;
  BlobKey key_;
  std::vector<std::uint8_t> held_;
  std::optional<NewFile> file_;
  std::uint64_t next_check_ = 0;  // of the free space, at this size
};

}  // namespace tintype::embedded
