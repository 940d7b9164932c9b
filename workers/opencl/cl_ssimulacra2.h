// ClSsimulacra2: the score of two pictures, computed on a device. One thread's; several of them keep a device busy.
#pragma once

#include <span>
#include <string_view>

#include "kernels/srgb_view.h"
#include "workers/opencl/cl_device.h"
#include "workers/opencl/cl_memory_pool.h"

namespace tintype {

class ClSsimulacra2 {
 public:
  // What its device is to be opened with (ClDeviceConfig::programs). It does not build on a device without double
  // precision: kUnsupported.
  static std::span<const std::string_view> programs();

  // `device` and `memory`, which is its, must outlive it.
  static Result<ClSsimulacra2> create(const ClDevice& device, ClMemoryPool& memory);

  // Waits for the device. Equal to reference::ssimulacra2() in every bit. kInvalidArgument as there. kOutOfMemory: they
  // do not fit the device, where they take about 100 bytes a pixel.
  Result<double> score(const SrgbView& original, const SrgbView& candidate);

 private:
  struct Kernels {
    ClKernel linear, halve, xyb, blur_across, compare;
  };
  struct Picture;
  struct Scale;

  ClSsimulacra2(ClMemoryPool& memory, ClQueue queue, Kernels kernels)
      : memory_(&memory), queue_(std::move(queue)), kernels_(std::move(kernels)) {}

  Result<double> score_on(float background, const SrgbView& original, const SrgbView& candidate);
  Status enqueue_linear(cl_mem arena, const Picture& picture, std::uint64_t pixels, std::uint64_t out_at);
  Status enqueue_scale(cl_mem arena, const Scale& scale, const Scale* next, std::uint64_t across_at);

  ClMemoryPool* memory_;
  ClQueue queue_;
  Kernels kernels_;
};

}  // namespace tintype
