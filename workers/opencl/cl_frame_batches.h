// ClFrameBatches: decides the macroblocks of many photos' frames on a device together. A frame alone has too few at
// once for a GPU, and a launch a diagonal takes as long for many frames as for one: so those of all photos that wait
// share their launches. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "workers/opencl/cl_vp8.h"

namespace tintype {

class ClFrameBatches {
 public:
  // While batches are on the device, photos gather for the next.
  static constexpr int kBatchesAtOnce = 4;
  static constexpr int kPhotosAtOnce = kBatchesAtOnce * kVp8Arenas;

  // `device` must outlive it.
  static Result<std::unique_ptr<ClFrameBatches>> create(const ClDevice& device);

  // One pass over all macroblocks of a photo's frames, which lie in `arena` with everything that they point to; no
  // queue has work on it under way. Returns when they are done. A batch's failure is that of all its photos.
  Status decide(cl_mem arena, std::span<const Vp8DeviceFrame> frames);

 private:
  struct Photo {
    cl_mem arena;
    std::span<const Vp8DeviceFrame> frames;
    bool is_waiting = true;
    std::optional<Status> done = std::nullopt;
  };
  // What one batch takes.
  struct Slot {
    ClQueue queue;
    ClVp8 vp8;
    ClMemory frames;
    std::size_t room = 0;  // frames that fit there
  };

  ClFrameBatches(const ClDevice& device, std::vector<Slot> slots) : device_(device), idle_(std::move(slots)) {}

  std::vector<Photo*> take_batch();
  Status run(Slot& slot, const std::vector<Photo*>& photos);

  const ClDevice& device_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Photo*> waiting_;
  std::vector<Slot> idle_;
};

}  // namespace tintype
