// The kinds of device engines that this program has, for every process of it that may become a device's.
#pragma once

#include "workers/device/device_engine.h"
#include "workers/fpga/fpga_engine.h"
#include "workers/opencl/opencl_engine.h"

namespace tintype {

inline constexpr EngineKind kEngines[] = {kOpenClEngine, kFpgaEngine};

}  // namespace tintype
