// `tintype devices`: what photos are computed with: a farm's lanes, or this machine's devices.
#pragma once

#include "cli/commands/farm_command.h"
#include "cli/devices/device_options.h"

namespace tintype {

struct DevicesOptions {
  FarmOptions farm;
  bool is_farm_named = false;  // else this machine is looked at where no farm answers
  bool verify = false;         // test this machine's devices, whatever a farm says
  DeviceOptions devices;       // its fpga_xclbin counts
};

// Returns the exit status: kExitSomeFailed if a device that was tested is wrong, or could not be tested.
int run_devices(const DevicesOptions& options);

// `nodes`: an array as GET /v1/devices has it.
std::string devices_text(const Json& nodes);

}  // namespace tintype
