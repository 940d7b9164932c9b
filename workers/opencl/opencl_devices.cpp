#include "workers/opencl/opencl_devices.h"

#include "workers/opencl/cl_api.h"
#include "workers/opencl/cl_handles.h"

namespace tintype {
namespace {

template <auto get, typename Object>
std::string text_info(Object object, cl_uint what) {
  std::size_t size = 0;
  if (get(object, what, 0, nullptr, &size) != CL_SUCCESS || size == 0) return "";
  std::string text(size, '\0');
  if (get(object, what, size, text.data(), nullptr) != CL_SUCCESS) return "";
  return text.c_str();  // up to the terminator that drivers count in
}

template <typename T>
T number_info(cl_device_id device, cl_device_info what) {
  T value{};
  clGetDeviceInfo(device, what, sizeof value, &value, nullptr);
  return value;
}

std::string kind_of(cl_device_id device) {
  switch (number_info<cl_device_type>(device, CL_DEVICE_TYPE)) {
    case CL_DEVICE_TYPE_GPU:
      return "opencl-gpu";
    case CL_DEVICE_TYPE_CPU:
      return "opencl-cpu";
    default:
      return "opencl-other";
  }
}

}  // namespace

Result<std::vector<cl_platform_id>> cl_platforms() {
  constexpr cl_int kNoPlatform = -1001;  // CL_PLATFORM_NOT_FOUND_KHR: the loader found no driver
  cl_uint count = 0;
  const cl_int counted = clGetPlatformIDs(0, nullptr, &count);
  if (counted == kNoPlatform || (counted == CL_SUCCESS && count == 0)) return std::vector<cl_platform_id>{};
  TT_TRY(cl_status(counted, "asking for its platforms"));
  std::vector<cl_platform_id> platforms(count);
  TT_TRY(cl_status(clGetPlatformIDs(count, platforms.data(), nullptr), "asking for its platforms"));
  return platforms;
}

Result<std::vector<cl_device_id>> cl_devices(cl_platform_id platform) {
  cl_uint count = 0;
  const cl_int counted = clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &count);
  if (counted == CL_DEVICE_NOT_FOUND || (counted == CL_SUCCESS && count == 0)) return std::vector<cl_device_id>{};
  TT_TRY(cl_status(counted, "asking for a platform's devices"));
  std::vector<cl_device_id> devices(count);
  TT_TRY(cl_status(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, devices.data(), nullptr),
                   "asking for a platform's devices"));
  return devices;
}

OpenClDevice describe_cl_device(cl_platform_id platform, cl_device_id device) {
  OpenClDevice described;
  described.kind = kind_of(device);
  described.name = text_info<clGetDeviceInfo>(device, CL_DEVICE_NAME);
  described.platform_name = text_info<clGetPlatformInfo>(platform, CL_PLATFORM_NAME);
  described.driver = text_info<clGetDeviceInfo>(device, CL_DRIVER_VERSION);
  described.memory_bytes = number_info<cl_ulong>(device, CL_DEVICE_GLOBAL_MEM_SIZE);
  described.largest_buffer_bytes = number_info<cl_ulong>(device, CL_DEVICE_MAX_MEM_ALLOC_SIZE);
  described.compute_units = number_info<cl_uint>(device, CL_DEVICE_MAX_COMPUTE_UNITS);
  return described;
}

Result<std::vector<OpenClDevice>> list_opencl_devices() {
  std::vector<OpenClDevice> found;
  TT_ASSIGN(const auto platforms, cl_platforms());
  for (std::uint32_t p = 0; p < platforms.size(); ++p) {
    TT_ASSIGN(const auto devices, cl_devices(platforms[p]));
    for (std::uint32_t d = 0; d < devices.size(); ++d) {
      found.push_back(describe_cl_device(platforms[p], devices[d]));
      found.back().platform = p;
      found.back().device = d;
    }
  }
  return found;
}

}  // namespace tintype
