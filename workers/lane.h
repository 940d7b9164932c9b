// Lane: something that does tasks: a pool of sandboxed CPU children, an OpenCL device, an FPGA card.
//
// submit() never blocks; `done` is called exactly once for each task, on a thread of the lane's, also when the
// lane is lost or destroyed. A lane may be given more tasks than slots (it queues or batches them, its own
// business), but the dispatcher's permits see to it that this is little. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "workers/task.h"

namespace tintype {

struct LaneInfo {
  std::string name;                // "cpu", "opencl-0": unique in a node
  std::string kind;                // "cpu", "opencl-gpu", "opencl-cpu", "fpga", "fpga-emu", "simulated"
  std::string device;              // for people: "AMD EPYC 9654, 2 slots"
  int slots = 1;                   // tasks that run at once
  std::uint64_t memory_bytes = 0;  // for all of them together; what byte permits count against
};

// A device computes what it is handed, and parses nothing.
inline bool is_device(const LaneInfo& info) { return info.kind.starts_with("opencl") || info.kind.starts_with("fpga"); }

enum class LaneState : std::uint8_t { kReady, kOutOfService };

struct LaneHealth {
  LaneState state = LaneState::kReady;
  std::string reason;  // why it is out of service
  std::uint64_t tasks_done = 0;
  std::uint64_t tasks_failed = 0;
  std::uint64_t restarts = 0;  // of children or of the device
};

using TaskDone = std::move_only_function<void(Result<TaskResult>)>;

class Lane {
 public:
  virtual ~Lane() = default;  // cancels what runs (kCancelled), then waits for every `done`

  virtual const LaneInfo& info() const = 0;
  // Whether it can do every step of `task` at all.
  virtual bool can_run(const Task& task) const = 0;
  virtual void submit(Task task, TaskDone done) = 0;
  // Gives up what this job has running or queued here: its `done` gets kCancelled soon.
  virtual void cancel(JobId job) = 0;
  virtual LaneHealth health() const = 0;
  // For good, until the farm starts anew: it computed something wrong. What runs and waits there gets kUnavailable. A
  // lane that others are checked against has nobody to say so, and ignores it.
  virtual void take_out_of_service(const std::string& reason) { (void)reason; }
};

}  // namespace tintype
