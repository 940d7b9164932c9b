// `tintype devices`: the lanes of a farm's nodes, their state and their pace.
#pragma once

#include "cli/commands/farm_command.h"

namespace tintype {

// Returns the exit status.
int run_devices(const FarmOptions& farm);

// `nodes`: an array as GET /v1/devices has it.
std::string devices_text(const Json& nodes);

}  // namespace tintype
