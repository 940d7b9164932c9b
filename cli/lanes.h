// The lanes of one machine: the one place that says which a farm or a node has.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/devices/device_options.h"
#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/base/result.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/lane.h"
#include "workers/sandbox/zygote.h"

namespace tintype {

struct LanesConfig {
  CpuLaneConfig cpu;
  DeviceOptions devices;
  std::string program_cache;  // the folder of programs built for devices; empty: they are built at every start
};

using Lanes = std::vector<std::unique_ptr<Lane>>;

// The CPU's lane, and those of the devices that can be used; a device that cannot costs a line in the log. Takes as
// long as the slowest driver, but not longer than a few seconds. The rest must outlive them.
Result<Lanes> make_lanes(const LanesConfig& config, Zygote& zygote, Metrics& metrics, Logger& log);

// As a scheduler takes them.
std::vector<Lane*> borrowed(const Lanes& lanes);

}  // namespace tintype
