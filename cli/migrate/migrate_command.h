// `tintype migrate`: a farm's photos from its embedded store to a fleet's, while it goes on or after it has stopped.
#pragma once

#include <string>

namespace tintype {

struct MigrateOptions {
  std::string source;  // a data folder that no farm serves, or a farm's URL
  std::string config_file = "/etc/tintype/fleet.toml";
  int photos_at_once = 8;
  bool dry_run = false;
  bool follow = false;  // a farm: until interrupted
  bool json = false;
};

int run_migrate(const MigrateOptions& options);

}  // namespace tintype
