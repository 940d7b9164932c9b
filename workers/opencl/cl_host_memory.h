// ClHostMemory: the host's memory that a device's answers are read into: the driver's own, which many a driver has
// pinned, so that the device writes to it by itself. Used again from photo to photo. One thread's.
#pragma once

#include <cstdint>
#include <span>

#include "workers/opencl/cl_device.h"

namespace tintype {

class ClHostMemory {
 public:
  // `device` and `queue`, which is its, must outlive it.
  ClHostMemory(const ClDevice& device, cl_command_queue queue) : device_(&device), queue_(queue) {}
  ClHostMemory(ClHostMemory&& other) noexcept;
  ClHostMemory& operator=(ClHostMemory&&) = delete;
  ~ClHostMemory() { let_go(); }

  // So many bytes, of any content, until the next call; nothing is being read into the last ones any more. Much more
  // than most photos take is given back first.
  Result<std::span<std::uint8_t>> take(std::uint64_t bytes);

 private:
  void let_go();

  const ClDevice* device_;
  cl_command_queue queue_;
  ClMemory memory_;
  std::span<std::uint8_t> mapped_;
};

}  // namespace tintype
