#include "workers/sandbox/zygote.h"

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
#include "workers/sandbox/spawn.h"
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

// A child's memory is a poor place for anything else.
constexpr std::string_view kKeptVariables[] = {"ASAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS=", "LD_LIBRARY_PATH="};

// A linear-algebra library that OpenCV brings along would start threads when it is loaded.
constexpr const char* kAddedVariables[] = {"OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1"};

Result<SpawnedProcess> spawn(const ZygoteConfig& config) {
  SpawnRequest request{config.program,
                       {kZygoteArgument, std::to_string(config.child_memory_bytes)},
                       environment_with(kKeptVariables),
                       10};
  for (const char* variable : kAddedVariables) request.environment.emplace_back(variable);
  TT_ASSIGN(SpawnedProcess spawned, spawn_with_socket(request));
  const timeval patience{kAnswerSeconds, 0};
  setsockopt(spawned.socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return spawned;
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
    return describe_exit(reply.status);
  }

  Confinement confinement() const override {
    std::lock_guard lock(mutex_);
    return confinement_;
  }

 private:
  Status start_locked() {
    TT_ASSIGN(SpawnedProcess started, spawn(config_));
    pid_ = started.pid;
    control_ = std::move(started.socket);
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
    return describe_exit(status);
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
