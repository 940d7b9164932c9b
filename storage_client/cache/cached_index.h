// CachedIndex: a PhotoIndex that remembers pages of lists and single photos in bounded memory.
//
// Pages of up to 250 rows are kept; larger ones are read through. Every write goes through it, or readers are told
// old news: all of a process must share one, and no other process may write. Pages are forgotten with any change of
// their owner's photos, a photo with its own. Thread-safe.
#pragma once

#include <cstddef>
#include <memory>

#include "core/base/metrics.h"
#include "storage_client/photo_index.h"

namespace tintype {

struct CachedIndexConfig {
  std::size_t pages_bytes = 16 << 20;
  std::size_t photos_bytes = 32 << 20;
};

class CachedIndex : public PhotoIndex {
 public:
  // Answers get() and get_shared() from memory alone, without waiting; all else, and what is not in memory, is
  // kUnavailable. For threads that must not block.
  virtual PhotoIndex& at_hand() = 0;
};

// `index` and `metrics` must outlive it.
std::unique_ptr<CachedIndex> make_cached(PhotoIndex& index, const CachedIndexConfig& config, Metrics& metrics);

}  // namespace tintype
