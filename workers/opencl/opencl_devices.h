// The OpenCL devices of this machine. Drivers start threads and may hang: only the process of the OpenCL lane asks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace tintype {

struct OpenClDevice {
  std::uint32_t platform = 0;  // places in the driver loader's lists: what open_opencl_device() takes
  std::uint32_t device = 0;
  std::string kind;           // "opencl-gpu", "opencl-cpu" or "opencl-other"
  std::string name;           // of the device, as its maker calls it
  std::string platform_name;  // "NVIDIA CUDA", "Portable Computing Language"
  std::string driver;         // version
  std::uint64_t memory_bytes = 0;
  std::uint64_t largest_buffer_bytes = 0;
  std::uint32_t compute_units = 0;

  // Photos are sent to it unless told otherwise: a GPU yes, a CPU in a GPU's clothes no.
  bool is_used_by_default() const { return kind == "opencl-gpu"; }
};

// Empty where there is no driver.
Result<std::vector<OpenClDevice>> list_opencl_devices();

}  // namespace tintype
