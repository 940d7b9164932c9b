// StagedTotals: how much resumable uploads under way may still come to, by owner and in all. An upload counts
// with its whole length from its creation until it is a photo, or gone. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "core/base/result.h"

namespace tintype {

struct StagingLimits {
  std::uint64_t bytes = 64ull << 30;
  std::uint64_t uploads = 10'000;
  std::uint64_t owner_bytes = 16ull << 30;
  std::uint64_t owner_uploads = 1'000;
};

class StagedTotals {
 public:
  explicit StagedTotals(const StagingLimits& limits) : limits_(limits) {}

  // One upload more. kRateLimited past the owner's share, kStorageFull past what all may have; then nothing
  // is taken.
  Status take(const std::string& owner, std::uint64_t bytes);
  // One from before a restart, whatever the limits.
  void add(const std::string& owner, std::uint64_t bytes);
  void give_back(const std::string& owner, std::uint64_t bytes);

 private:
  void add_locked(const std::string& owner, std::uint64_t bytes);

  struct Total {
    std::uint64_t bytes = 0;
    std::uint64_t uploads = 0;
  };

  const StagingLimits limits_;
  std::mutex mutex_;
  Total all_;
  std::map<std::string, Total> owners_;  // those who have any
};

}  // namespace tintype
