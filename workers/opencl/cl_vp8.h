// ClVp8: the modes and levels of VP8 frames, decided on a device, many frames at once. One thread's.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/shared/vp8/device_frame.h"
#include "workers/opencl/cl_device.h"

namespace tintype {

class ClVp8 {
 public:
  static Result<ClVp8> create(const ClDevice& device);

  // How far each macroblock of a frame's luma is from flat (vp8::activity_from), a uint32 each, to `out_at`.
  Status enqueue_apart(cl_command_queue queue, cl_mem arena, const Vp8DeviceFrame& frame, std::uint64_t out_at);
  // Enqueues all frames, which `device_frames` has as `frames` has them; returns before it is done. `arenas`: 1 to
  // kVp8Arenas. Everything that a frame points to is there: its planes, tables, segments and each row's credit.
  Status enqueue(cl_command_queue queue, std::span<const cl_mem> arenas, cl_mem device_frames,
                 std::span<const Vp8DeviceFrame> frames);

 private:
  ClVp8(ClKernel apart, ClKernel diagonal) : apart_(std::move(apart)), diagonal_(std::move(diagonal)) {}

  ClKernel apart_;
  ClKernel diagonal_;
};

}  // namespace tintype
