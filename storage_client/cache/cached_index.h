// CachedIndex: a PhotoIndex that remembers pages of lists and single photos in bounded memory.
//
// Pages of up to 250 rows are kept; larger ones are read through. Every write goes through it, or readers are told
// old news: all of a process must share one. Pages are forgotten with any change of their owner's photos, a photo
// with its own. Where other processes write, too: keep no pages (pages_bytes 0: lists are then as the store has them),
// give photos a max_age, and forget() what those processes tell of (announcing_index.h). Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "core/base/metrics.h"
#include "storage_client/photo_index.h"

namespace tintype {

struct CachedIndexConfig {
  std::size_t pages_bytes = 16 << 20;  // 0: none are kept
  std::size_t photos_bytes = 32 << 20;
  std::chrono::milliseconds max_age{};  // of a photo; 0: until it is changed
};

class CachedIndex : public PhotoIndex {
 public:
  // Answers get() and get_shared() from memory alone, without waiting; all else, and what is not in memory, is
  // kUnavailable. For threads that must not block.
  virtual PhotoIndex& at_hand() = 0;

  // Another process has changed or removed the photo.
  virtual void forget(const std::string& owner, PhotoId photo) = 0;
};

// `index` and `metrics` must outlive it.
std::unique_ptr<CachedIndex> make_cached(PhotoIndex& index, const CachedIndexConfig& config, Metrics& metrics);

}  // namespace tintype
