// CpuChild: the lane's end of its talk with one sandboxed child. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "workers/cpu/answer_check.h"
#include "workers/sandbox/zygote.h"
#include "workers/task.h"

namespace tintype {

class CpuChild {
 public:
  CpuChild(std::uint64_t id, ChildHandle handle) : id_(id), handle_(std::move(handle)) {}

  // Hands it `task`. kUnavailable: it is gone, for no fault of the task's.
  Status begin(const Task& task);
  // Call when the socket is readable. kWorkerCrashed: it is gone; kWorkerLied: it answered nonsense; else the result
  // or the error of `task`, which is the one begun. Does not block.
  Result<TaskResult> finish(const Task& task, double wall_seconds);

  std::uint64_t id() const { return id_; }
  int pid() const { return handle_.pid; }
  int socket_fd() const { return handle_.socket.get(); }
  ChildHandle release() { return std::move(handle_); }

  std::optional<std::string> owner;  // whose tasks it does; none: it has done none
  int tasks_done = 0;
  bool is_busy = false;
  std::uint64_t last_used = 0;

 private:
  Status make_exchange(std::uint64_t bytes);
  bool has_more_to_say() const;

  const std::uint64_t id_;
  ChildHandle handle_;
  UniqueFd exchange_;  // used again from one task to the next: fresh pages cost
  std::uint64_t exchange_bytes_ = 0;
  std::uint64_t nonce_ = 0;
  TaskMemory memory_;  // of the task begun
};

}  // namespace tintype
