#include "workers/opencl/cl_api.h"

#include <string>

namespace tintype {
namespace {

struct ClFailure {
  cl_int code;
  ErrorCode error;
  std::string_view name;
};

// Drivers answer a lost device with CL_OUT_OF_RESOURCES as often as a kernel too big to run: both are the device's
// failure, and the work goes elsewhere.
constexpr ClFailure kFailures[] = {
    {CL_DEVICE_NOT_FOUND, ErrorCode::kUnavailable, "CL_DEVICE_NOT_FOUND"},
    {CL_DEVICE_NOT_AVAILABLE, ErrorCode::kWorkerCrashed, "CL_DEVICE_NOT_AVAILABLE"},
    {CL_COMPILER_NOT_AVAILABLE, ErrorCode::kUnsupported, "CL_COMPILER_NOT_AVAILABLE"},
    {CL_MEM_OBJECT_ALLOCATION_FAILURE, ErrorCode::kOutOfMemory, "CL_MEM_OBJECT_ALLOCATION_FAILURE"},
    {CL_OUT_OF_RESOURCES, ErrorCode::kWorkerCrashed, "CL_OUT_OF_RESOURCES"},
    {CL_OUT_OF_HOST_MEMORY, ErrorCode::kOutOfMemory, "CL_OUT_OF_HOST_MEMORY"},
    {CL_BUILD_PROGRAM_FAILURE, ErrorCode::kUnsupported, "CL_BUILD_PROGRAM_FAILURE"},
    {CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST, ErrorCode::kWorkerCrashed,
     "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST"},
    {CL_INVALID_COMMAND_QUEUE, ErrorCode::kWorkerCrashed, "CL_INVALID_COMMAND_QUEUE"},
    {CL_INVALID_BUFFER_SIZE, ErrorCode::kOutOfMemory, "CL_INVALID_BUFFER_SIZE"},
};

}  // namespace

Status cl_status(cl_int code, std::string_view doing) {
  if (code == CL_SUCCESS) return {};
  for (const ClFailure& failure : kFailures) {
    if (failure.code == code)
      return fail(failure.error,
                  "the OpenCL driver answered " + std::string(failure.name) + " when " + std::string(doing));
  }
  return fail(ErrorCode::kInternal,
              "the OpenCL driver answered error " + std::to_string(code) + " when " + std::string(doing));
}

}  // namespace tintype
