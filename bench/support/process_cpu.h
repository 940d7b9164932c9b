// CPU and memory of a whole tree of processes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype::bench {

struct ProcessCost {
  double user_seconds = 0;
  double sys_seconds = 0;
  double wall_seconds = 0;
  std::uint64_t peak_bytes = 0;  // of the largest single process
  int exit_status = 0;

  double cpu_seconds() const { return user_seconds + sys_seconds; }
};

// One command that runs while the caller does something else, with its output in `log_file`. A process between them
// adopts whatever the command leaves behind, so that nothing escapes the sum. Call from a process of one thread.
class MeasuredRun {
 public:
  // `core`: the only one that the command and all its processes may use; none: any.
  static Result<MeasuredRun> start(const std::vector<std::string>& command, const std::string& log_file,
                                   std::optional<int> core);

  // Until the command and every process that it started have ended. Once.
  Result<ProcessCost> wait();

 private:
  MeasuredRun(pid_t measurer, UniqueFd answer) : measurer_(measurer), answer_(std::move(answer)) {}

  pid_t measurer_;
  UniqueFd answer_;
};

// The same for one command alone.
Result<ProcessCost> run_and_measure(const std::vector<std::string>& command, const std::string& log_file);

// The cores that this process may use.
std::vector<int> usable_cores();

}  // namespace tintype::bench
