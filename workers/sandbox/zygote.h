// Zygote: a single-threaded process, exec'ed before this one started any thread, that forks sandboxed children.
//
// A child parses bytes from outside: it has no files, no network, no new processes (seccomp, rlimits, no new
// privileges, namespaces of its own where the system lets it), a memory limit, and one socket to us over which
// shared memory is passed. See docs/sandbox.md for what is and is not confined.
//
// The program that starts a zygote calls run_zygote_if_asked() first thing in main().
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/log.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype {

// What a child does with its socket once it is confined; returns its exit status.
using ChildMain = int (*)(int socket_fd);

// If this process was started as a zygote (argv[1] is "sandbox-zygote"), serves and never returns.
void run_zygote_if_asked(int argc, char** argv, ChildMain child_main);

struct ZygoteConfig {
  std::string program = "/proc/self/exe";
  std::uint64_t child_memory_bytes = 2ull << 30;  // address space a child may have beyond the zygote's own

  Status validate() const;
};

// What holds a child in, as far as this system allowed; for `tintype doctor`.
struct Confinement {
  bool seccomp = false;
  bool network_namespace = false;
  bool mount_namespace = false;
  bool empty_root = false;    // no file can be named, also if seccomp failed
  bool unprivileged = false;  // no capability, and another user if the farm is root
  std::string limits;         // why something is missing; empty: all of it
};

struct ChildHandle {
  UniqueFd socket;  // SOCK_SEQPACKET; closes when the child is gone
  UniqueFd pidfd;   // readable when it has ended
  int pid = -1;
};

// How a child ended that did nothing to end: its zygote died, and all children with it.
inline constexpr std::string_view kEndedWithZygote = "killed with its zygote";

// Thread-safe. Destroyed: all children are killed.
class Zygote {
 public:
  virtual ~Zygote() = default;
  virtual Result<ChildHandle> fork_child() = 0;
  // Kills the child at once (it may hang) and reaps it; answers how it ended: "signal 11 (SIGSEGV)", "exit 3",
  // kEndedWithZygote.
  virtual std::string end_child(ChildHandle child) = 0;
  virtual Confinement confinement() const = 0;
};

// Call before any other thread exists. A zygote that dies is started again (it is exec'ed, so that is safe).
Result<std::unique_ptr<Zygote>> start_zygote(const ZygoteConfig& config, Logger& log);

}  // namespace tintype
