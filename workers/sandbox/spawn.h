// Starting a program of ours, with a socket to it. Safe from any thread: it is exec'ed at once.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype {

inline constexpr int kSpawnedSocketFd = 3;  // where the program finds its socket to us

struct SpawnRequest {
  std::string program;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // NAME=value
  int niceness = 0;                      // over ours; above 0 the kernel also takes it for a batch job
};

struct SpawnedProcess {
  pid_t pid = -1;   // to be waited for
  UniqueFd socket;  // SOCK_SEQPACKET
};

// Its standard streams are /dev/null (but a sanitizer's stderr), its signals as new, its process group its own.
Result<SpawnedProcess> spawn_with_socket(const SpawnRequest& request);

// Those of our environment whose "NAME=" begins with one of these. Secrets live in environments: say what is needed.
std::vector<std::string> environment_with(std::span<const std::string_view> prefixes);

// waitpid()'s status: "signal 11 (SIGSEGV)", "exit 3".
std::string describe_exit(int status);

}  // namespace tintype
