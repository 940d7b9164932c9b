// What the farm and its zygote say to each other. Both are the same program, so plain structs do.
#pragma once

#include <cstdint>

#include "workers/sandbox/spawn.h"
#include "workers/sandbox/zygote.h"

namespace tintype {

inline constexpr const char* kZygoteArgument = "sandbox-zygote";
inline constexpr int kZygoteControlFd = kSpawnedSocketFd;  // where the zygote finds its socket to the farm

// The zygote's first message.
struct ZygoteHello {
  std::uint32_t seccomp = 0;
  std::uint32_t network_namespace = 0;
  std::uint32_t mount_namespace = 0;
  std::uint32_t empty_root = 0;
  std::uint32_t unprivileged = 0;
  char limits[512] = {};  // Confinement::limits
  char error[512] = {};   // not empty: it cannot go on, and why
};

struct ZygoteRequest {
  enum class Kind : std::uint32_t { kFork, kEnd };
  Kind kind = Kind::kFork;
  std::int32_t pid = -1;  // kEnd: whom to kill and reap
};

struct ZygoteReply {
  std::int32_t error = 0;   // errno
  std::int32_t pid = -1;    // kFork; its socket and pidfd come with the message
  std::int32_t status = 0;  // kEnd: waitpid's
};

}  // namespace tintype
