#include "cli/farm_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>
#include <utility>
#include <vector>

#include "cli/files.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kQuotedLogLines = 12;

std::string quoted_log(const std::string& log_file) {
  const std::string lines = last_lines(log_file, kQuotedLogLines);
  if (lines.empty()) return std::format("its log {} is empty", log_file);
  return std::format("the end of its log {}:\n{}", log_file, lines);
}

// True if `pid` is a farm on this data folder: a number alone may long belong to another process.
bool is_farm_of(pid_t pid, const std::string& data_dir) {
  const Result<std::string> command = read_text_file(std::format("/proc/{}/cmdline", pid));
  return command && command->find(std::string("\0serve\0", 7)) != std::string::npos &&
         command->find(data_dir + '\0') != std::string::npos;
}

// The farm that the last run started on this data folder, if it still runs; 0 if not.
pid_t earlier_farm(const FarmProcessConfig& config) {
  const Result<std::string> text = read_text_file(config.pid_file);
  const pid_t pid = text ? static_cast<pid_t>(std::atol(text->c_str())) : 0;
  return pid > 0 && is_farm_of(pid, config.data_dir) ? pid : 0;
}

}  // namespace

Status FarmProcessConfig::validate() const {
  for (const std::string* path : {&data_dir, &log_file, &port_file, &pid_file}) {
    if (!path->starts_with('/')) return fail(ErrorCode::kInvalidArgument, "a farm's folders need absolute paths");
  }
  return {};
}

FarmProcess::FarmProcess(FarmProcessConfig config) : config_(std::move(config)) {}

Result<std::unique_ptr<FarmProcess>> FarmProcess::start(const FarmProcessConfig& config) {
  TT_TRY(config.validate());
  TT_TRY(make_folders(config.data_dir));
  std::unique_ptr<FarmProcess> farm(new FarmProcess(config));
  farm->earlier_ = earlier_farm(config);
  farm->earlier_ends_by_ = steady_clock::now() + config.stop_timeout;
  if (farm->earlier_ == 0) TT_TRY(farm->spawn());
  return farm;
}

FarmProcess::~FarmProcess() { stop(); }

Status FarmProcess::spawn() {
  ::unlink(config_.port_file.c_str());
  const UniqueFd log(::open(config_.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!log) return fail(error_from_errno(errno, "opening the farm's log " + config_.log_file));
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));

  // argv is ready before the fork: after it, only async-signal-safe calls.
  std::vector<std::string> words = {"tintype",  "serve",       "--data",      config_.data_dir,
                                    "--listen", "127.0.0.1:0", "--port-file", config_.port_file};
  words.insert(words.end(), config_.more_words.begin(), config_.more_words.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();

  start_by_ = steady_clock::now() + config_.start_timeout;
  pid_ = ::fork();
  if (pid_ < 0) return fail(error_from_errno(errno, "starting the farm"));
  if (pid_ == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(127);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::dup2(null.get(), 0);
    ::dup2(log.get(), 1);
    ::dup2(log.get(), 2);
    ::execv(config_.program.c_str(), argv.data());
    ::_exit(127);
  }
  pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) {
    const Error error = error_from_errno(errno, "watching the farm's process");
    kill();
    return fail(error);
  }
  return replace_text_file(config_.pid_file, std::format("{}\n", pid_));
}

bool FarmProcess::reap(bool wait) {
  if (pid_ < 0) return true;
  int status = 0;
  pid_t got = 0;
  do {
    got = ::waitpid(pid_, &status, wait ? 0 : WNOHANG);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return false;
  how_it_ended_ = WIFSIGNALED(status) ? std::format("signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)))
                                      : std::format("exit status {}", WEXITSTATUS(status));
  pid_ = -1;
  ::unlink(config_.pid_file.c_str());
  return true;
}

bool FarmProcess::waits_for_earlier() const {
  return is_farm_of(earlier_, config_.data_dir) && steady_clock::now() < earlier_ends_by_;
}

Result<FarmProcess::State> FarmProcess::state() {
  if (earlier_ != 0) {
    if (waits_for_earlier()) return State::kWaitingForEarlier;
    earlier_ = 0;
    TT_TRY(spawn());
  }
  const bool was_ready = !url_.empty();
  if (reap(false)) {
    if (was_ready) return State::kEnded;
    return fail(ErrorCode::kUnavailable,
                std::format("the farm ended while it started ({}); {}", how_it_ended_, quoted_log(config_.log_file)));
  }
  if (was_ready) return State::kReady;
  if (const Result<std::string> text = read_text_file(config_.port_file); text && text->ends_with('\n')) {
    url_ = text->substr(0, text->find_first_of("\r\n"));
    return State::kReady;
  }
  if (steady_clock::now() > start_by_) {
    return fail(ErrorCode::kUnavailable,
                std::format("the farm was not ready after {} s; {}", config_.start_timeout.count() / 1000,
                            quoted_log(config_.log_file)));
  }
  return State::kStarting;
}

void FarmProcess::stop(int hurry_fd) {
  if (reap(false)) return;
  ::kill(pid_, SIGTERM);
  pollfd watched[] = {{pidfd_.get(), POLLIN, 0}, {hurry_fd, POLLIN, 0}};
  const auto give_up = steady_clock::now() + config_.stop_timeout;
  while (!reap(false) && steady_clock::now() < give_up && (watched[1].revents & POLLIN) == 0) {
    const auto left = std::chrono::ceil<milliseconds>(give_up - steady_clock::now());
    ::poll(watched, std::size(watched), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  }
  kill();
}

void FarmProcess::kill() {
  if (reap(false)) return;
  ::kill(pid_, SIGKILL);
  reap(true);
}

}  // namespace tintype
