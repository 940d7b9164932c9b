// The lanes of one machine: the one place that says which a farm or a node has.
#pragma once

#include <memory>
#include <vector>

#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/base/result.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/lane.h"
#include "workers/sandbox/zygote.h"

namespace tintype {

struct LanesConfig {
  CpuLaneConfig cpu;
};

using Lanes = std::vector<std::unique_ptr<Lane>>;

// All that `config` asks for, or why one of them cannot be had. The rest must outlive them.
Result<Lanes> make_lanes(const LanesConfig& config, Zygote& zygote, Metrics& metrics, Logger& log);

// As a scheduler takes them.
std::vector<Lane*> borrowed(const Lanes& lanes);

}  // namespace tintype
