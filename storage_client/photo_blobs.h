// The blobs that a photo names, and reading them as their digests say they are. For migration and scrubbing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage_client/blob_store.h"
#include "storage_client/photo_index.h"

namespace tintype {

struct NamedBlob {
  std::string key;     // BlobKey text
  std::string sha256;  // hex, as the index says
  std::uint64_t bytes = 0;
  bool is_original = false;
};

// The original first, then each blob of the manifest's variants once.
std::vector<NamedBlob> blobs_of(const Photo& photo);

struct BlobDigest {
  std::string sha256;  // hex
  std::uint64_t bytes = 0;
};

// Reads it whole, in pieces of which one is in memory; `on_piece` may be empty, and ends the reading by its error.
// kCorruptData if it ends early.
Result<BlobDigest> digest_of(BlobStore& store, const BlobKey& key,
                             const std::function<Status(ByteView piece)>& on_piece = {});

// Every list page of one owner, newest upload first, row by row.
class OwnerRows {
 public:
  OwnerRows(PhotoIndex& index, std::string owner, ListOrder by = ListOrder::kUploaded);
  // Null at the end; stays the same until next().
  Result<const LightRow*> peek();
  void next() { ++at_; }

 private:
  PhotoIndex& index_;
  const std::string owner_;
  ListQuery query_;
  ListPage page_;
  std::size_t at_ = 0;
  bool asked_ = false;
};

}  // namespace tintype
