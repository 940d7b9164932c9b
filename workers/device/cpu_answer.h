// What a device has to answer, made on the CPU: what self-tests compare with.
#pragma once

#include <vector>

#include "workers/device/device_engine.h"

namespace tintype {

// For tasks that begin with coefficients. Errors are those of plan_engine_ladder() and encode().
Result<std::vector<EngineStepResult>> answer_on_cpu(const EngineTask& task);

}  // namespace tintype
