#include "bench/support/process_cpu.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

extern char** environ;

namespace tintype::bench {
namespace {

double seconds(const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; }

// What passes from the measuring process to the caller.
struct Answer {
  int failed = 0;  // an errno
  ProcessCost cost;
};

bool keep_to(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  return ::sched_setaffinity(0, sizeof cores, &cores) == 0;
}

Answer measure(const std::vector<std::string>& command, const std::string& log_file, std::optional<int> core) {
  if ((core && !keep_to(*core)) || ::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return {errno, {}};
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
  if (failed != 0) return {failed, {}};

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
  return {0, cost};
}

}  // namespace

Result<MeasuredRun> MeasuredRun::start(const std::vector<std::string>& command, const std::string& log_file,
                                       std::optional<int> core) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(error_from_errno(errno, "making a pipe"));
  UniqueFd reading(ends[0]), writing(ends[1]);
  const pid_t measurer = ::fork();
  if (measurer < 0) return fail(error_from_errno(errno, "starting a process"));
  if (measurer == 0) {
    const Answer answer = measure(command, log_file, core);
    ::_exit(::write(writing.get(), &answer, sizeof answer) == sizeof answer ? 0 : 1);
  }
  return MeasuredRun(measurer, std::move(reading));
}

Result<ProcessCost> MeasuredRun::wait() {
  Answer answer;
  const bool answered = ::read(answer_.get(), &answer, sizeof answer) == sizeof answer;
  while (::waitpid(measurer_, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (!answered) return fail(ErrorCode::kInternal, "the process that measures ended early");
  if (answer.failed != 0) return fail(error_from_errno(answer.failed, "starting the measured command"));
  return answer.cost;
}

Result<ProcessCost> run_and_measure(const std::vector<std::string>& command, const std::string& log_file) {
  TT_ASSIGN(MeasuredRun run, MeasuredRun::start(command, log_file, {}));
  return run.wait();
}

std::vector<int> usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  return cores;
}

}  // namespace tintype::bench
