// ClPictureMaker: a JPEG's coefficients to VP8 frames and planes of several sizes, on a device, one photo at a time. Several of
// them on one device, each with a thread and a queue of its own, keep it busy.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/jpeg/jpeg_coefficients.h"
#include "codec/ladder.h"
#include "kernels/vp8/picture.h"
#include "workers/opencl/cl_device.h"
#include "workers/opencl/cl_ladder.h"
#include "workers/opencl/cl_vp8.h"

namespace tintype {

struct FrameOrder {
  std::uint32_t picture = 0;  // which of the sizes
  vp8::Settings settings;
};

struct PictureOrder {
  std::span<const JpegComponent> components;
  ByteView coefficients;  // as JpegCoefficients has them
  std::uint8_t orientation = 1;
  std::vector<PictureSize> sizes;  // upright, largest first
  std::vector<FrameOrder> frames;
  std::vector<std::uint32_t> kept;  // of which sizes the planes are wanted
};

struct PicturesMade {
  std::vector<Bytes> frames;  // VP8 key frames, without a container
  std::vector<Bytes> kept;    // planes as codec/planes.h has them
};

class ClPictureMaker {
 public:
  // `device` must outlive it.
  static Result<ClPictureMaker> create(const ClDevice& device);

  // Waits for the device. The frames equal kernels/simd/vp8_encoder.h's, the planes decode_ladder()'s, byte for byte.
  // kOutOfMemory: they do not fit the device.
  Result<PicturesMade> make(const PictureOrder& order);

 private:
  struct Buffer {
    ClMemory memory;
    std::uint64_t bytes = 0;
  };
  struct FramePlaces;

  ClPictureMaker(const ClDevice& device, ClQueue queue, ClLadder ladder, ClVp8 vp8)
      : device_(&device), queue_(std::move(queue)), ladder_(std::move(ladder)), vp8_(std::move(vp8)) {}

  Status decide(const std::vector<FramePlaces*>& frames, std::uint64_t frames_at);
  Status grow(Buffer& buffer, std::uint64_t bytes);
  Status write(const Buffer& buffer, std::uint64_t at, ByteView bytes);
  Status read(std::uint64_t at, std::span<std::uint8_t> out);
  Status finish();

  const ClDevice* device_;
  ClQueue queue_;
  ClLadder ladder_;
  ClVp8 vp8_;
  Buffer coefficients_;  // both kept from one photo to the next
  Buffer arena_;
};

}  // namespace tintype
