// OpenCL 1.2 behind owners and values. Only this folder includes it.
#pragma once

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include <memory>
#include <string_view>

#include "core/base/result.h"

namespace tintype {

template <auto release>
struct ClRelease {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};

using ClContext = std::unique_ptr<_cl_context, ClRelease<clReleaseContext>>;
using ClQueue = std::unique_ptr<_cl_command_queue, ClRelease<clReleaseCommandQueue>>;
using ClProgram = std::unique_ptr<_cl_program, ClRelease<clReleaseProgram>>;
using ClKernel = std::unique_ptr<_cl_kernel, ClRelease<clReleaseKernel>>;
using ClMemory = std::unique_ptr<_cl_mem, ClRelease<clReleaseMemObject>>;
using ClEvent = std::unique_ptr<_cl_event, ClRelease<clReleaseEvent>>;

// Ok for CL_SUCCESS. Memory that ran out, on the device or the host, is kOutOfMemory; a device that is lost or a driver
// that gives up kWorkerCrashed; what a wrong call of ours gives kInternal. `doing` reads like "starting kernel
// mix_rows".
Status cl_status(cl_int code, std::string_view doing);

}  // namespace tintype
