// `tintype-fleet`: the commands of a fleet, linked with Ceph's client library. `tintype` starts it (main.cpp), so that
// nothing else of a farm has to load that library.
#include "cli/command_line.h"
#include "cli/engines.h"
#include "cli/fleet/fleet_commands.h"
#include "cli/serve.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/device/device_process.h"
#include "workers/sandbox/zygote.h"

int main(int argc, char** argv) {
  tintype::run_zygote_if_asked(argc, argv, tintype::cpu_child_main);
  tintype::run_device_worker_if_asked(argc, argv, tintype::kEngines);
  return tintype::run_command_line(argc, argv,
                                   {.serve = tintype::run_serve,
                                    .gateway = tintype::run_gateway,
                                    .node = tintype::run_node,
                                    .open_access = tintype::open_fleet_access,
                                    .migrate = tintype::run_migrate});
}
