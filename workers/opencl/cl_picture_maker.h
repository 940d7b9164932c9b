// ClPictureMaker: a JPEG's coefficients to VP8 frames and planes of several sizes, on a device, one photo at a time.
// Several of them on one device, each with a thread and a queue of its own, keep it busy.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/jpeg/jpeg_coefficients.h"
#include "codec/ladder.h"
#include "kernels/vp8/picture.h"
#include "workers/opencl/cl_device.h"
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
  // `device` and `memory`, which is its, must outlive it.
  static Result<ClPictureMaker> create(const ClDevice& device, ClMemoryPool& memory);

  // Waits for the device. The frames equal kernels/simd/vp8_encoder.h's, the planes decode_ladder()'s, byte for byte.
  // kOutOfMemory: they do not fit the device.
  Result<PicturesMade> make(const PictureOrder& order);

 private:
  struct FramePlaces;

  ClPictureMaker(ClMemoryPool& memory, ClQueue queue, ClLadder ladder, ClVp8 vp8)
      : memory_(&memory), queue_(std::move(queue)), ladder_(std::move(ladder)), vp8_(std::move(vp8)) {}

  Status make_in(const PictureOrder& order, const LadderPlan& ladder, std::vector<FramePlaces>& frames,
                 std::uint64_t frames_at, cl_mem coefficients, cl_mem arena, PicturesMade& made);
  Status decide(const std::vector<FramePlaces*>& frames, std::uint64_t frames_at, cl_mem arena);

  ClMemoryPool* memory_;
  ClQueue queue_;
  ClLadder ladder_;
  ClVp8 vp8_;
};

}  // namespace tintype
