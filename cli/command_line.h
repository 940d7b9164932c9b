// The command line of `tintype`: which command, with which options, and what --help says about them.
#pragma once

#include <functional>
#include <string>

#include "cli/commands/token_command.h"
#include "cli/fleet/fleet_commands.h"
#include "cli/migrate/migrate_command.h"
#include "cli/serve.h"

namespace tintype {

struct Programs {
  std::function<int(const ServeOptions&)> serve;
  // Of a fleet; a program that has none of them never gets this far with such a command.
  std::function<int(const FleetOptions&)> gateway = {};
  std::function<int(const FleetOptions&)> node = {};
  OpenAccess open_access = {};
  std::function<int(const MigrateOptions&)> migrate = {};
  std::string self = "/proc/self/exe";  // starts a farm for `compress`
};

// Does what `argv` says; returns the exit status.
int run_command_line(int argc, char** argv, const Programs& programs);

}  // namespace tintype
