// One call of a kernel: what each argument is given, in the order of kernels/hls/kernels.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace tintype {

// Memory that the kernel reads, and memory that it fills. Borrowed: stays until the call is done.
using ToKernel = std::span<const std::uint8_t>;
using FromKernel = std::span<std::uint8_t>;
using KernelArgument = std::variant<ToKernel, FromKernel, std::uint32_t>;

struct KernelCall {
  std::string kernel;
  std::vector<KernelArgument> arguments;
};

}  // namespace tintype
