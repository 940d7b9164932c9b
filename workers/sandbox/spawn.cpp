#include "workers/sandbox/spawn.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>

#include "workers/sandbox/fd_message.h"
#include "workers/sandbox/sanitizers.h"

namespace tintype {
namespace {

class SpawnFileActions {
 public:
  SpawnFileActions() { posix_spawn_file_actions_init(&actions_); }
  ~SpawnFileActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnFileActions(const SpawnFileActions&) = delete;
  SpawnFileActions& operator=(const SpawnFileActions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

class SpawnAttributes {
 public:
  SpawnAttributes() { posix_spawnattr_init(&attributes_); }
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  posix_spawnattr_t* get() { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

// Whoever waits for a page is served before pixels are worked on, also when those fill every core. A tenth of a core is
// left to a child that competes with one who takes all he can. Inherited by children; to be refused it is no error.
void step_behind_requests(pid_t pid, int niceness) {
  const sched_param none{};
  sched_setscheduler(pid, SCHED_BATCH, &none);
  setpriority(PRIO_PROCESS, static_cast<id_t>(pid), niceness);
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<SpawnedProcess> spawn_with_socket(const SpawnRequest& request) {
  TT_ASSIGN(SocketPair sockets, make_socket_pair());
  SpawnFileActions actions;
  posix_spawn_file_actions_adddup2(actions.get(), sockets.theirs.get(), kSpawnedSocketFd);
  for (int fd : {0, 1, 2}) {
    if (fd == 2 && kSanitized) continue;  // where a sanitizer reports
    posix_spawn_file_actions_addopen(actions.get(), fd, "/dev/null", fd == 0 ? O_RDONLY : O_WRONLY, 0);
  }
  SpawnAttributes attributes;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(attributes.get(), &none);
  posix_spawnattr_setsigdefault(attributes.get(), &all);
  // A process group of its own: Ctrl-C is for the farm, which ends its children when it has drained. Not a session of
  // its own: the kernel may share the CPU out among sessions first, and then no priority in one counts in another.
  posix_spawnattr_setpgroup(attributes.get(), 0);
  posix_spawnattr_setflags(attributes.get(), POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

  std::vector<std::string> arguments = request.arguments, environment = request.environment;
  arguments.insert(arguments.begin(), request.program);
  std::vector<char*> argument_pointers = pointers_to(arguments), environment_pointers = pointers_to(environment);
  SpawnedProcess spawned;
  const int error = posix_spawn(&spawned.pid, request.program.c_str(), actions.get(), attributes.get(),
                                argument_pointers.data(), environment_pointers.data());
  if (error != 0) return fail(error_from_errno(error, "starting " + request.program));
  if (request.niceness > 0) step_behind_requests(spawned.pid, request.niceness);
  spawned.socket = std::move(sockets.ours);
  return spawned;
}

std::vector<std::string> environment_with(std::span<const std::string_view> prefixes) {
  std::vector<std::string> kept;
  for (char** variable = environ; *variable; ++variable) {
    for (std::string_view prefix : prefixes) {
      if (!std::string_view(*variable).starts_with(prefix)) continue;
      kept.emplace_back(*variable);
      break;
    }
  }
  return kept;
}

std::string describe_exit(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = sigabbrev_np(WTERMSIG(status));
    return "signal " + std::to_string(WTERMSIG(status)) + " (SIG" + (name ? name : "?") + ")";
  }
  return "exit " + std::to_string(WEXITSTATUS(status));
}

}  // namespace tintype
