// The driver's own names for platforms and devices, which live as long as the process.
#pragma once

#include <vector>

#include "workers/opencl/cl_api.h"
#include "workers/opencl/opencl_devices.h"

namespace tintype {

Result<std::vector<cl_platform_id>> cl_platforms();
Result<std::vector<cl_device_id>> cl_devices(cl_platform_id platform);
OpenClDevice describe_cl_device(cl_platform_id platform, cl_device_id device);

}  // namespace tintype
