// The lanes of the devices that a farm is told to use. A device that cannot be used costs a line in the log, not the
// farm.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/devices/device_options.h"
#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/base/result.h"
#include "workers/lane.h"

namespace tintype {

// What a device is called as a lane: "opencl-0".
std::string lane_name(const std::string& engine, std::size_t place);

// kInvalidArgument: the options make no sense.
Status check_device_options(const DeviceOptions& options);

// Asks for devices in processes that are ended afterwards, and starts a process for each that is chosen; takes as long
// as the slowest driver, but not longer than a few seconds. `cache_folder`: for built programs.
std::vector<std::unique_ptr<Lane>> make_device_lanes(const DeviceOptions& options, const std::string& cache_folder,
                                                     Metrics& metrics, Logger& log);

}  // namespace tintype
