// `tintype status`: a farm or a fleet at a glance.
#pragma once

#include <string>

#include "cli/commands/farm_command.h"
#include "cli/http/farm_json.h"

namespace tintype {

// Of the farm's GET /v1/status; `now` is its clock's time, for ages. Pure.
std::string status_text(const Json& status);
// 0: all is well; 1: store or queue is not, no node is there, one has no lane that works, or the last scrub left
// something.
int status_exit_code(const Json& status);

// `every_s`: again and again, until interrupted; 0: once.
int run_status(const FarmOptions& options, int every_s);

}  // namespace tintype
