// LaneSession: a lane's end of its talk with one worker: a sandboxed child, or one of a device process's sessions. One
// thread.
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "workers/task.h"
#include "workers/wire/answer_check.h"

namespace tintype {

class LaneSession {
 public:
  // `socket_fd` is borrowed.
  explicit LaneSession(int socket_fd) : socket_fd_(socket_fd) {}

  // Hands the worker `task`. kUnavailable: it is gone, for no fault of the task's; after any other error it knows
  // nothing of the task, and the next may begin.
  Status begin(const Task& task);
  // Call when the socket is readable. kWorkerCrashed: the worker is gone; kWorkerLied: it answered nonsense; else the
  // result or the error of `task`, which is the one begun. Does not block.
  Result<TaskResult> finish(const Task& task, double wall_seconds);

 private:
  bool has_more_to_say() const;

  const int socket_fd_;
  UniqueFd exchange_;  // used again from one task to the next: fresh pages cost
  std::uint64_t exchange_bytes_ = 0;
  std::uint64_t nonce_ = 0;
  TaskMemory memory_;  // of the task begun
};

}  // namespace tintype
