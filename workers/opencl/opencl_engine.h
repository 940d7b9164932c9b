// The engine of OpenCL devices (workers/device/device_engine.h): JPEG coefficients in; planes of every size, and WebPs
// by our own encoder, out. Runs in a device process.
#pragma once

#include "workers/device/device_engine.h"

namespace tintype {

Result<DeviceList> list_opencl_engines(const DeviceSpec& spec);
Result<std::unique_ptr<DeviceEngine>> open_opencl_engine(const DeviceSpec& spec);

inline constexpr EngineKind kOpenClEngine{"opencl", list_opencl_engines, open_opencl_engine};

}  // namespace tintype
