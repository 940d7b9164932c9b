// Starting a kernel: its arguments in order, and over how many work-items.
#pragma once

#include <array>
#include <type_traits>

#include "workers/opencl/cl_api.h"

namespace tintype {

struct ClRange {
  std::array<std::size_t, 2> global{1, 1};  // work-items; x is rounded up to whole groups
  std::array<std::size_t, 2> local{64, 1};
};

// An argument that is memory which the work-items of a group share.
struct ClLocalBytes {
  std::size_t size = 0;
};

template <typename... Arguments>
Status launch(cl_command_queue queue, const ClKernel& kernel, ClRange range, const char* name,
              const Arguments&... arguments) {
  cl_int code = CL_SUCCESS;
  cl_uint index = 0;
  const auto set = [&](const auto& argument) {
    if (code != CL_SUCCESS) return;
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(argument)>, ClLocalBytes>) {
      code = clSetKernelArg(kernel.get(), index++, argument.size, nullptr);
    } else {
      code = clSetKernelArg(kernel.get(), index++, sizeof argument, &argument);
    }
  };
  (set(arguments), ...);
  TT_TRY(cl_status(code, std::string("setting up kernel ") + name));
  range.global[0] = (range.global[0] + range.local[0] - 1) / range.local[0] * range.local[0];
  return cl_status(clEnqueueNDRangeKernel(queue, kernel.get(), 2, nullptr, range.global.data(), range.local.data(), 0,
                                          nullptr, nullptr),
                   std::string("starting kernel ") + name);
}

}  // namespace tintype
