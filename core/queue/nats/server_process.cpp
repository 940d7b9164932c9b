#include "core/queue/nats/server_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <format>

namespace tintype {
namespace {

using std::chrono::milliseconds;
using Instant = std::chrono::steady_clock::time_point;

constexpr milliseconds kStopTime{5'000};
constexpr milliseconds kFirstRestart{100};
constexpr milliseconds kLastRestart{5'000};
constexpr milliseconds kLongLife{10'000};  // after it, a death is news rather than part of a series

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) return std::format("killed by signal {}", WTERMSIG(status));
  return std::format("exit status {}", WEXITSTATUS(status));
}

// In the child, between fork and exec: only what is safe when other threads held locks.
[[noreturn]] void become(char* const* arguments, char* const* environment, int output_fd, int kept_fd, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died before it could be noticed
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  const int null_fd = open("/dev/null", O_RDONLY);
  dup2(null_fd, 0);
  dup2(output_fd, 1);
  dup2(output_fd, 2);
  int first_closed = 3;
  if (kept_fd >= 0) {
    // dup2 onto itself would leave close-on-exec set.
    if (kept_fd == 3) {
      fcntl(3, F_SETFD, 0);
    } else {
      dup2(kept_fd, 3);
    }
    first_closed = 4;
  }
  close_range(static_cast<unsigned>(first_closed), ~0U, 0);
  execve(arguments[0], arguments, environment);
  _exit(127);
}

}  // namespace

ServerProcess::ServerProcess(ServerCommand command, Logger& log)
    : command_(std::move(command)), log_(log), thread_([this] { run(); }) {}

ServerProcess::~ServerProcess() {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    if (pid_ > 0) kill(pid_, SIGTERM);
    if (!changed_.wait_for(lock, kStopTime, [this] { return pid_ < 0; })) kill(pid_, SIGKILL);
  }
  thread_.join();
}

pid_t ServerProcess::pid() const {
  std::lock_guard lock(mutex_);
  return pid_;
}

int ServerProcess::ends() const {
  std::lock_guard lock(mutex_);
  return ends_;
}

void ServerProcess::run() {
  milliseconds pause = kFirstRestart;
  while (true) {
    const Instant started = std::chrono::steady_clock::now();
    std::string end;
    {
      std::unique_lock lock(mutex_);
      if (stopping_) return;
      pid_ = start();
      if (pid_ < 0) end = error_from_errno(errno, "fork").message;
    }
    if (end.empty()) end = describe_end(wait_for_end(pid()));
    std::unique_lock lock(mutex_);
    ++ends_;
    if (stopping_) return;
    if (std::chrono::steady_clock::now() - started >= kLongLife) pause = kFirstRestart;
    log_.warning("nats_server_died", {{"cause", end}, {"restart_in_ms", pause.count()}});
    if (changed_.wait_for(lock, pause, [this] { return stopping_; })) return;
    pause = std::min(pause * 2, kLastRestart);
  }
}

pid_t ServerProcess::start() {
  // Everything that allocates comes before the fork.
  std::vector<char*> arguments{const_cast<char*>(command_.program.c_str())};
  for (const std::string& argument : command_.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> environment{const_cast<char*>(command_.environment.c_str())};
  for (char** variable = environ; *variable; ++variable) environment.push_back(*variable);
  environment.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) become(arguments.data(), environment.data(), command_.output_fd, command_.kept_fd, parent);
  return pid;
}

int ServerProcess::wait_for_end(pid_t pid) {
  siginfo_t info{};
  while (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  // Reaped under the lock: whoever kills pid_ must not hit a stranger with the same number.
  std::lock_guard lock(mutex_);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  changed_.notify_all();
  return status;
}

}  // namespace tintype
