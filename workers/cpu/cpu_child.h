// CpuChild: one sandboxed child, as the lane has it. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "workers/sandbox/zygote.h"
#include "workers/wire/lane_session.h"

namespace tintype {

class CpuChild {
 public:
  CpuChild(std::uint64_t id, ChildHandle handle) : session(handle.socket.get()), id_(id), handle_(std::move(handle)) {}

  std::uint64_t id() const { return id_; }
  int pid() const { return handle_.pid; }
  int socket_fd() const { return handle_.socket.get(); }
  ChildHandle release() { return std::move(handle_); }

  LaneSession session;
  std::optional<std::string> owner;  // whose tasks it does; none: it has done none
  int tasks_done = 0;
  bool is_busy = false;
  std::uint64_t last_used = 0;

 private:
  const std::uint64_t id_;
  ChildHandle handle_;
};

}  // namespace tintype
