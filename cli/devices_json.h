// The body of GET /v1/devices (docs/api.md).
#pragma once

#include <string>
#include <vector>

#include "scheduler/scheduler.h"

namespace tintype {

std::string devices_json(const std::string& node, const std::vector<LaneReport>& lanes, const YieldReport& yielding);

}  // namespace tintype
