// `tintype gateway`, `tintype node`: the processes of a fleet, each started with the fleet's one configuration file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "gateway/access/access_store.h"

namespace tintype {

// What the command line says, not yet validated.
struct FleetOptions {
  std::string config_file = "/etc/tintype/fleet.toml";
  std::vector<std::string> assignments;  // "table.key=value"
  std::string ready_file;  // written by rename once it serves: a gateway's URL, a node's name. Empty: none
};

// Each serves until SIGTERM or SIGINT, then finishes what it holds. Returns the exit status.
int run_gateway(const FleetOptions& options);
int run_node(const FleetOptions& options);

// The access book of the fleet that `config_file` describes, with the connection that it needs.
Result<std::unique_ptr<AccessStore>> open_fleet_access(const std::string& config_file);

}  // namespace tintype
