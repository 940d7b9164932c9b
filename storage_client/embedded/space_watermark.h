// SpaceWatermark: whether there is space for new blobs. Below the low mark there is none until the high one is reached
// again, so that a disk about to be full does not take every other upload. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

namespace tintype::embedded {

class SpaceWatermark {
 public:
  SpaceWatermark(std::uint64_t low_bytes, std::uint64_t high_bytes) : low_bytes_(low_bytes), high_bytes_(high_bytes) {}

  // Whether `bytes` may be added while `free_bytes` are free. One blob that would go below the low mark is refused
  // alone: smaller ones still fit.
  bool allows(std::uint64_t free_bytes, std::uint64_t bytes) {
    if (free_bytes < low_bytes_) closed_ = true;
    if (free_bytes >= high_bytes_) closed_ = false;
    return !closed_ && free_bytes >= low_bytes_ && free_bytes - low_bytes_ >= bytes;
  }

 private:
  const std::uint64_t low_bytes_, high_bytes_;
  std::atomic<bool> closed_ = false;
};

}  // namespace tintype::embedded
