// CachedBlobs: a BlobStore that remembers small blobs in bounded memory, from when they are written.
//
// Every write and removal goes through it: all of a process must share one. A key means the same bytes for ever, so
// that what other processes write needs no care here; what they remove, the index no longer names. Thread-safe.
#pragma once

#include <cstddef>
#include <memory>

#include "core/base/metrics.h"
#include "storage_client/blob_store.h"

namespace tintype {

struct CachedBlobsConfig {
  std::size_t max_bytes = 128 << 20;
  std::size_t blob_limit_bytes = 256 << 10;  // larger ones are not kept
};

class CachedBlobs : public BlobStore {
 public:
  // Answers open() from memory alone, without waiting; all else, and what is not in memory, is kUnavailable. For
  // threads that must not block.
  virtual BlobStore& at_hand() = 0;
};

// `blobs` and `metrics` must outlive it. A blob that was removed while a reader is open may still be read through it.
std::unique_ptr<CachedBlobs> make_cached(BlobStore& blobs, const CachedBlobsConfig& config, Metrics& metrics);

}  // namespace tintype
