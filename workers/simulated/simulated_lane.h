// A lane with set service times, for tests and benches of scheduling: sleeps, then answers made-up results
// of the right shape (encoded files are small but carry the planned format and size in their headers).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "workers/lane.h"

namespace tintype {

struct SimulatedLaneConfig {
  std::string name = "simulated";
  std::string kind = "simulated";
  int slots = 1;
  std::uint64_t memory_bytes = 1ull << 30;
  // Seconds one task takes. Called on a lane thread at its start; may change over time (a lane that slows).
  std::function<double(const Task&)> service_seconds = [](const Task&) { return 0.01; };
  // An error for a task, or none. Called at its end.
  std::function<std::optional<Error>(const Task&)> fault = [](const Task&) { return std::optional<Error>(); };
  // What it takes, beside tasks that its memory is too small for.
  std::function<bool(const Task&)> takes = [](const Task&) { return true; };
  // Why it is out of service now; empty: it is not.
  std::function<std::string()> out_of_service = [] { return std::string(); };
  // What is wrong with its answers.
  std::function<void(const Task&, TaskResult&)> spoil = [](const Task&, TaskResult&) {};
  // Header that probe steps answer.
  SourceInfo source{.width = 4000, .height = 3000};

  Status validate() const;
};

Result<std::unique_ptr<Lane>> make_simulated_lane(const SimulatedLaneConfig& config);

}  // namespace tintype
