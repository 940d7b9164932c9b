// `tintype config`: the configuration file of a fleet.
#pragma once

#include <string>

namespace tintype {

// Each returns the exit status.
int run_config_check(const std::string& path);
int run_config_example();

}  // namespace tintype
