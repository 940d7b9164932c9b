// The command line of `tintype`: which command, with which options, and what --help says about them.
#pragma once

#include <functional>
#include <string>

#include "cli/serve.h"

namespace tintype {

struct Programs {
  std::function<int(const ServeOptions&)> serve;
  std::string self = "/proc/self/exe";  // starts a farm for `compress`
};

// Does what `argv` says; returns the exit status.
int run_command_line(int argc, char** argv, const Programs& programs);

}  // namespace tintype
