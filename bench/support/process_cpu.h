// CPU and memory of a whole tree of processes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace tintype::bench {

struct ProcessCost {
  double user_seconds = 0;
  double sys_seconds = 0;
  double wall_seconds = 0;
  std::uint64_t peak_bytes = 0;  // of the largest single process
  int exit_status = 0;

  double cpu_seconds() const { return user_seconds + sys_seconds; }
};

// Runs `command` with its output in `log_file` and waits for it and for every process that it leaves behind (this
// process adopts them), so that nothing escapes the sum. Call from a process without other children.
Result<ProcessCost> run_and_measure(const std::vector<std::string>& command, const std::string& log_file);

}  // namespace tintype::bench
