// ClPictureMaker: a JPEG's coefficients to VP8 frames and planes of several sizes, on a device, one photo at a time.
// Several of them on one device, each with a thread and a queue of its own, keep it busy; their frames are decided
// together.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/jpeg/jpeg_coefficients.h"
#include "codec/ladder.h"
#include "kernels/vp8/picture.h"
#include "workers/opencl/cl_device.h"
#include "workers/opencl/cl_frame_batches.h"
#include "workers/opencl/cl_host_memory.h"
#include "workers/opencl/cl_ladder.h"
#include "workers/opencl/cl_memory_pool.h"
#include "workers/opencl/cl_vp8.h"

namespace tintype {

struct FrameOrder {
  std::uint32_t picture = 0;  // which of the sizes; of 4:2:0
  vp8::Settings settings;
};

struct PictureOrder {
  std::span<const JpegComponent> components;
  ByteView coefficients;  // as JpegCoefficients has them
  std::uint8_t orientation = 1;
  std::vector<PictureSize> sizes;  // upright
  std::vector<FrameOrder> frames;
  std::vector<std::uint32_t> kept;  // of which sizes the planes are wanted
};

struct PicturesMade {
  std::vector<Bytes> frames;  // VP8 key frames, without a container
  std::vector<Planes> kept;
  double ladder_seconds = 0;  // until the planes were there; then the frames
  double frames_seconds = 0;
};

class ClPictureMaker {
 public:
  // `device`, and `memory` and `batches`, which are its, must outlive it.
  static Result<ClPictureMaker> create(const ClDevice& device, ClMemoryPool& memory, ClFrameBatches& batches);

  // Waits for the device. The frames equal kernels/simd/vp8_encoder.h's, the planes decode_ladder()'s, byte for byte.
  // kOutOfMemory: they do not fit the device.
  Result<PicturesMade> make(const PictureOrder& order);

 private:
  struct FramePlaces;

  ClPictureMaker(const ClDevice& device, ClMemoryPool& memory, ClFrameBatches& batches, ClQueue queue, ClLadder ladder,
                 ClVp8 vp8)
      : memory_(&memory),
        batches_(&batches),
        queue_(std::move(queue)),
        answers_(device, queue_.get()),
        ladder_(std::move(ladder)),
        vp8_(std::move(vp8)) {}

  Status make_in(const PictureOrder& order, const LadderPlan& ladder, std::vector<FramePlaces>& frames,
                 cl_mem coefficients, cl_mem arena, PicturesMade& made);
  Status decide(const std::vector<FramePlaces*>& frames, cl_mem arena);

  ClMemoryPool* memory_;
  ClFrameBatches* batches_;
  ClQueue queue_;
  ClHostMemory answers_;
  ClLadder ladder_;
  ClVp8 vp8_;
};

}  // namespace tintype
