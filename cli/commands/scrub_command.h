// `tintype scrub`: has a farm read its store back and mend it, and tells what came of it.
#pragma once

#include <string>

#include "cli/commands/farm_command.h"
#include "cli/http/farm_json.h"

namespace tintype {

struct ScrubOptions {
  int rate_mb = 50;  // a second; 0: as fast as it goes
  bool repair = true;
  bool afresh = false;
  bool detach = false;  // start it, and do not wait
  bool stop = false;
  bool show = false;  // tell of the last one
};

// As people read them, of the farm's GET /v1/scrub. Pure.
std::string scrub_line(const Json& scrub, double seconds);  // one line, while it runs
std::string scrub_table(const Json& scrub);                 // at its end
// 0: the store is whole, or was made so; 1: something is left that nobody but you can mend; 3: it did not come to its
// end.
int scrub_exit_code(const Json& scrub);

int run_scrub(const FarmOptions& options, const ScrubOptions& scrub);

}  // namespace tintype
