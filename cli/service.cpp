#include "cli/service.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <format>
#include <utility>

#include "core/base/unique_fd.h"

namespace tintype {
namespace {

Result<LogLevel> parse_log_level(std::string_view name) {
  constexpr std::pair<std::string_view, LogLevel> kLevels[] = {{"debug", LogLevel::kDebug},
                                                               {"info", LogLevel::kInfo},
                                                               {"warning", LogLevel::kWarning},
                                                               {"error", LogLevel::kError},
                                                               {"off", LogLevel::kOff}};
  for (const auto& [text, level] : kLevels) {
    if (text == name) return level;
  }
  return fail(ErrorCode::kInvalidArgument,
              std::format("the log level {}: it is one of debug, info, warning, error, off", name));
}

}  // namespace

ServiceLog::ServiceLog(LogLevel level, std::unique_ptr<LogFile> file, LogFormat format)
    : file_(std::move(file)), log_(file_ ? Logger(level, *file_, format) : Logger(level, STDERR_FILENO, format)) {}

Result<std::unique_ptr<ServiceLog>> ServiceLog::open(const LogOptions& options) {
  TT_ASSIGN(const LogLevel level, parse_log_level(options.level));
  const LogFormat format = options.format == "json" ? LogFormat::kJson : LogFormat::kText;
  std::unique_ptr<LogFile> file;
  if (!options.file.empty()) {
    TT_ASSIGN(file, LogFile::open({.path = options.file, .max_bytes = options.max_mb << 20, .keep = options.keep}));
  }
  return std::unique_ptr<ServiceLog>(new ServiceLog(level, std::move(file), format));
}

void allow_many_open_files() {
  constexpr rlim_t kMost = 65'536;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kMost));
  // What is refused here `tintype doctor` shows.
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

Result<ListenAddress> parse_listen(std::string_view text) {
  ListenAddress listen;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("listen {}: write ADDRESS:PORT, such as 127.0.0.1:8420", text));
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), listen.port);
  if (port.empty() || error != std::errc() || end != port.data() + port.size()) {
    return fail(ErrorCode::kInvalidArgument, std::format("listen {}: {} is no port (0 to 65535)", text, port));
  }
  if (!host.empty()) listen.host = host;
  return listen;
}

Status write_port_file(const std::string& path, const std::string& line) {
  const std::string partial = path + ".partial";
  {
    const UniqueFd file(::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    const std::string text = line + "\n";
    if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      return fail(error_from_errno(errno, "writing " + partial));
    }
  }
  if (::rename(partial.c_str(), path.c_str()) != 0) return fail(error_from_errno(errno, "writing " + path));
  return {};
}

// Blocked before any thread starts, so that every thread inherits it and only sigwait sees them.
ServiceSignals::ServiceSignals(bool takes_hangup) {
  sigemptyset(&ending_);
  sigaddset(&ending_, SIGTERM);
  sigaddset(&ending_, SIGINT);
  awaited_ = ending_;
  if (takes_hangup) sigaddset(&awaited_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &awaited_, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

void ServiceSignals::wait(const std::function<void()>& reload) {
  int signal_number = 0;
  while (sigwait(&awaited_, &signal_number) != 0 || signal_number == SIGHUP) reload();
  // A second signal must be able to end a drain that takes too long.
  signal(SIGTERM, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &ending_, nullptr);
}

bool ServiceSignals::has_ended() const {
  sigset_t pending;
  sigemptyset(&pending);
  sigpending(&pending);
  return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
}

}  // namespace tintype
