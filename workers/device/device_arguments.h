// The command line of a device process.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "workers/device/device_engine.h"
#include "workers/device/device_process.h"

namespace tintype {

struct DeviceArguments {
  DevicePurpose purpose = DevicePurpose::kServe;
  DeviceSpec spec;
};

inline constexpr const char* kDeviceWorkerArgument = "device-worker";

// Those after the program's name.
std::vector<std::string> write_arguments(const DeviceArguments& arguments);
// `arguments` without the program's name. Nothing: they are not what write_arguments() makes.
std::optional<DeviceArguments> read_arguments(std::span<char* const> arguments);

}  // namespace tintype
