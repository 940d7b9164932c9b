#include "bench/support/process_cpu.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

extern char** environ;

namespace tintype::bench {
namespace {

double seconds(const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; }

}  // namespace

Result<ProcessCost> run_and_measure(const std::vector<std::string>& command, const std::string& log_file) {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return fail(error_from_errno(errno, "adopting orphans"));
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, log_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);

  const auto began = std::chrono::steady_clock::now();
  pid_t child = -1;
  const int failed = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return fail(error_from_errno(failed, "starting " + command[0]));

  // wait4's usage holds what the process waited for itself; adopted ones are added here.
  ProcessCost cost;
  for (;;) {
    int status = 0;
    rusage usage{};
    const pid_t ended = ::wait4(-1, &status, 0, &usage);
    if (ended < 0 && errno == EINTR) continue;
    if (ended < 0) break;  // ECHILD: nobody is left
    cost.user_seconds += seconds(usage.ru_utime);
    cost.sys_seconds += seconds(usage.ru_stime);
    cost.peak_bytes = std::max(cost.peak_bytes, static_cast<std::uint64_t>(usage.ru_maxrss) * 1024);
    if (ended != child) continue;
    cost.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    cost.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  }
  return cost;
}

}  // namespace tintype::bench
