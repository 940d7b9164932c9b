// ClDevice: one opened device: its context and its programs, built from kernels/opencl or taken from the cache. Queues
// and memory are asked of it; it outlives them. Thread-safe, but a ClKernel belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "kernels/opencl/sources.h"
#include "workers/opencl/cl_api.h"
#include "workers/opencl/opencl_devices.h"

namespace tintype {

struct ClDeviceConfig {
  OpenClDevice device;       // as list_opencl_devices() gave it
  std::string cache_folder;  // of built programs; "": none
  std::span<const std::string_view> programs = opencl_lane_programs();
};

class ClDevice {
 public:
  // kUnavailable: the device is gone; kUnsupported: a program does not build, with the compiler's words.
  static Result<ClDevice> open(const ClDeviceConfig& config);

  const OpenClDevice& info() const { return info_; }
  Result<ClQueue> make_queue() const;
  // `bytes` of the device's memory, not initialised.
  Result<ClMemory> allocate(std::uint64_t bytes) const;
  // The host's memory, to be mapped, that copies to and from the device are fastest with.
  Result<ClMemory> allocate_on_host(std::uint64_t bytes) const;
  // `program`: one of those that it was opened with.
  Result<ClKernel> make_kernel(std::string_view program, const char* name) const;
  int programs_from_cache() const { return programs_from_cache_; }

 private:
  Result<ClMemory> allocate(std::uint64_t bytes, cl_mem_flags flags) const;

  OpenClDevice info_;
  cl_device_id id_ = nullptr;
  ClContext context_;
  std::map<std::string, ClProgram, std::less<>> programs_;
  int programs_from_cache_ = 0;
};

}  // namespace tintype
