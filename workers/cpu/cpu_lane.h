// The CPU lane: a pool of sandboxed children, one a slot, each doing a task at a time with single-threaded codecs.
//
// A child that dies, hangs past the task's timeout, outgrows its memory or answers nonsense costs that task
// (kWorkerCrashed, kTimedOut, kOutOfMemory, kWorkerLied; kUnavailable if it was killed from outside) and is
// replaced. It is also replaced when the next task's owner differs from the last (one process never sees two
// owners' photos), after a bad picture, and after `tasks_per_child` tasks. Tasks that were running when the zygote
// died are begun again, once.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/base/result.h"
#include "workers/lane.h"
#include "workers/sandbox/zygote.h"

namespace tintype {

struct CpuLaneConfig {
  std::string name = "cpu";
  int slots = 0;                   // 0: as many as cores we may use
  std::uint64_t memory_bytes = 0;  // 0: half of what this machine or container has
  int tasks_per_child = 512;
  std::chrono::milliseconds task_timeout{120'000};

  Status validate() const;
};

Result<std::unique_ptr<Lane>> make_cpu_lane(const CpuLaneConfig& config, Zygote& zygote, Metrics& metrics, Logger& log);

// What the children run: pass it to run_zygote_if_asked().
int cpu_child_main(int socket_fd);

}  // namespace tintype
