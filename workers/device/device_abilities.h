// Whether a device can do a task: every step, of one picture, within its sizes. Pure.
#pragma once

#include "workers/device/device_engine.h"
#include "workers/task.h"

namespace tintype {

bool can_do(const DeviceAbilities& abilities, const Task& task);

}  // namespace tintype
