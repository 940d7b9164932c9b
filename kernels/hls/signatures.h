// What each kernel is called with, derived from its C++ declaration: the one description that the register map, an xclbin's
// metadata, the emulated card and the checks of a call come from.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "kernels/hls/kernel_call.h"

namespace tintype {

struct KernelParameter {
  std::string_view name;
  bool is_memory = false;   // else a number
  bool is_written = false;  // memory that the kernel fills
  int port = -1;            // memory: the number of its AXI port, "gmem<port>"
  std::uint32_t register_at = 0;  // byte offset in the control registers, as Vitis HLS lays them out
  std::uint32_t register_bytes = 0;
};

struct KernelSignature {
  std::string_view name;
  std::vector<KernelParameter> parameters;
  // Runs it: `values` has one for each parameter, an address or a number's bits.
  void (*run)(const std::uint64_t* values) = nullptr;
};

std::span<const KernelSignature> kernel_signatures();
// Null if there is none.
const KernelSignature* find_kernel(std::string_view name);

// kInvalidArgument: no such kernel, or arguments of other kinds than it takes.
Status check_call(const KernelCall& call);

// C simulation on host memory. A deadlock between its streams is kInternal and says which.
Status simulate(const KernelCall& call);

}  // namespace tintype
