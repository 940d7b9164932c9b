#include "workers/sandbox/zygote.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <set>
#include <string_view>
#include <utility>

#include "workers/sandbox/fd_message.h"
#include "workers/sandbox/sanitizers.h"
#include "workers/sandbox/zygote_wire.h"

namespace tintype {

Status ZygoteConfig::validate() const {
  if (program.empty()) return fail(ErrorCode::kInvalidArgument, "the zygote needs a program to run");
  if (child_memory_bytes < (64ull << 20)) {
    return fail(ErrorCode::kInvalidArgument, "a sandboxed child needs at least 64 MiB of memory");
  }
  return {};
}

namespace {

constexpr int kAnswerSeconds = 30;

// Secrets live in environments; a child's memory is a poor place for them.
constexpr std::string_view kKeptVariables[] = {"ASAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS=",
                                               "LD_LIBRARY_PATH="};

// A linear-algebra library that OpenCV brings along would start threads when it is loaded.
constexpr const char* kAddedVariables[] = {"OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1"};

std::vector<char*> zygote_environment() {
  std::vector<char*> kept;
  for (const char* variable : kAddedVariables) kept.push_back(const_cast<char*>(variable));
  for (char** variable = environ; *variable; ++variable) {
    for (std::string_view prefix : kKeptVariables) {
      if (std::string_view(*variable).starts_with(prefix)) kept.push_back(*variable);
    }
  }
  kept.push_back(nullptr);
  return kept;
}

std::string describe_status(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = sigabbrev_np(WTERMSIG(status));
    return "signal " + std::to_string(WTERMSIG(status)) + " (SIG" + (name ? name : "?") + ")";
  }
  return "exit " + std::to_string(WEXITSTATUS(status));
}

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

// A started program: its pid, to be waited for, and our end of its control socket.
struct Started {
  pid_t pid = -1;
  UniqueFd control;
};

// Whoever waits for a page is served before pixels are worked on, also when those fill every core. A tenth of a core is
// left to a child that competes with one who takes all he can. Inherited by children; to be refused it is no error.
void step_behind_requests(pid_t pid) {
  constexpr int kNice = 10;
  const sched_param none{};
  sched_setscheduler(pid, SCHED_BATCH, &none);
  setpriority(PRIO_PROCESS, static_cast<id_t>(pid), kNice);
}

Result<Started> spawn(const ZygoteConfig& config) {
  TT_ASSIGN(SocketPair sockets, make_socket_pair());
  const timeval patience{kAnswerSeconds, 0};
  setsockopt(sockets.ours.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);

  SpawnFileActions actions;
  posix_spawn_file_actions_adddup2(actions.get(), sockets.theirs.get(), kZygoteControlFd);
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
  // A process group of its own: Ctrl-C is for the farm, which ends its children when it has drained. Not a session of its
  // own: the kernel may share the CPU out among sessions first, and then no priority in one counts in another.
  posix_spawnattr_setpgroup(attributes.get(), 0);
  posix_spawnattr_setflags(attributes.get(), POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

  std::string program = config.program, argument = kZygoteArgument;
  std::string memory = std::to_string(config.child_memory_bytes);
  char* arguments[] = {program.data(), argument.data(), memory.data(), nullptr};
  std::vector<char*> environment = zygote_environment();
  Started started;
  const int error =
      posix_spawn(&started.pid, program.c_str(), actions.get(), attributes.get(), arguments, environment.data());
  if (error != 0) return fail(error_from_errno(error, "starting the sandbox's zygote from " + program));
  step_behind_requests(started.pid);
  started.control = std::move(sockets.ours);
  return started;
}

class ProcessZygote final : public Zygote {
 public:
  ProcessZygote(const ZygoteConfig& config, Logger& log) : config_(config), log_(log) {}

  ~ProcessZygote() override { stop(); }

  Status start() {
    std::lock_guard lock(mutex_);
    return start_locked();
  }

  Result<ChildHandle> fork_child() override {
    std::lock_guard lock(mutex_);
    Result<ChildHandle> child = try_fork();
    if (child || child.error().code != ErrorCode::kUnavailable) return child;
    TT_TRY(restart_locked());
    return try_fork();
  }

  std::string end_child(ChildHandle child) override {
    std::lock_guard lock(mutex_);
    if (child.pidfd) syscall(SYS_pidfd_send_signal, child.pidfd.get(), SIGKILL, nullptr, 0);
    if (children_.erase(child.pid) == 0) return std::string(kEndedWithZygote);
    ZygoteReply reply;
    const auto got = ask({ZygoteRequest::Kind::kEnd, child.pid}, reply);
    if (!got || reply.error != 0) return std::string(kEndedWithZygote);
    return describe_status(reply.status);
  }

  Confinement confinement() const override {
    std::lock_guard lock(mutex_);
    return confinement_;
  }

 private:
  Status start_locked() {
    TT_ASSIGN(Started started, spawn(config_));
    pid_ = started.pid;
    control_ = std::move(started.control);
    ZygoteHello hello;
    const auto got = receive_message(control_.get(), writable_bytes_of(hello));
    if (!got || got->bytes != sizeof hello) {
      stop_locked();
      return fail(ErrorCode::kUnavailable, config_.program +
                                               " did not answer as the sandbox's zygote; its main() must call "
                                               "run_zygote_if_asked() before anything else");
    }
    if (hello.error[0] != '\0') {
      stop_locked();
      return fail(ErrorCode::kUnsupported, std::string("the sandbox cannot be set up: ") + hello.error);
    }
    confinement_ = {.seccomp = hello.seccomp != 0,
                    .network_namespace = hello.network_namespace != 0,
                    .mount_namespace = hello.mount_namespace != 0,
                    .empty_root = hello.empty_root != 0,
                    .unprivileged = hello.unprivileged != 0,
                    .limits = hello.limits};
    log_.debug("zygote_started", {{"pid", pid_}, {"limits", confinement_.limits}});
    return {};
  }

  Status restart_locked() {
    const std::string how = stop_locked();
    log_.warning("zygote_restarted", {{"ended", how}});
    return start_locked();
  }

  void stop() {
    std::lock_guard lock(mutex_);
    stop_locked();
  }

  // The zygote kills and reaps its children when its socket closes; one that does not is killed, and they with it.
  std::string stop_locked() {
    control_.reset();
    children_.clear();
    if (pid_ < 0) return "never started";
    constexpr int kPatienceMs = 5000, kPauseMs = 1;
    int status = 0;
    int waited_ms = 0;
    while (waitpid(pid_, &status, WNOHANG) == 0) {
      if (waited_ms == kPatienceMs) kill(pid_, SIGKILL);
      usleep(kPauseMs * 1000);
      waited_ms += kPauseMs;
    }
    pid_ = -1;
    return describe_status(status);
  }

  Result<ReceivedMessage> ask(const ZygoteRequest& request, ZygoteReply& reply) {
    if (!control_) return fail(ErrorCode::kUnavailable, "the sandbox's zygote is not running");
    TT_TRY(send_message(control_.get(), bytes_of(request), {}));
    TT_ASSIGN(ReceivedMessage message, receive_message(control_.get(), writable_bytes_of(reply)));
    if (message.bytes != sizeof reply) return fail(ErrorCode::kUnavailable, "the sandbox's zygote answers nonsense");
    return message;
  }

  Result<ChildHandle> try_fork() {
    ZygoteReply reply;
    TT_ASSIGN(ReceivedMessage message, ask({ZygoteRequest::Kind::kFork, -1}, reply));
    if (reply.error != 0) return fail(error_from_errno(reply.error, "forking a sandboxed child"));
    if (message.fds.size() != 2) return fail(ErrorCode::kUnavailable, "the sandbox's zygote answers nonsense");
    children_.insert(reply.pid);
    return ChildHandle{std::move(message.fds[0]), std::move(message.fds[1]), reply.pid};
  }

  const ZygoteConfig config_;
  Logger& log_;
  mutable std::mutex mutex_;
  pid_t pid_ = -1;
  UniqueFd control_;
  Confinement confinement_;
  std::set<pid_t> children_;  // of the zygote that runs now
};

}  // namespace

Result<std::unique_ptr<Zygote>> start_zygote(const ZygoteConfig& config, Logger& log) {
  TT_TRY(config.validate());
  auto zygote = std::make_unique<ProcessZygote>(config, log);
  TT_TRY(zygote->start());
  return zygote;
}

}  // namespace tintype
