#include "cli/serve.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <format>
#include <memory>
#include <optional>
#include <string_view>

#include "cli/exit_codes.h"
#include "cli/farm.h"
#include "cli/hooks_file.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/log_file.h"
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
              std::format("--log-level {}: it is one of debug, info, warning, error, off", name));
}

// "ADDRESS:PORT", "[v6]:PORT", ":PORT" (loopback).
Status parse_listen(std::string_view text, GatewayConfig& gateway) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument, std::format("--listen {}: write ADDRESS:PORT, such as 127.0.0.1:8420", text));
  }
  std::string_view address = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), gateway.port);
  if (port.empty() || error != std::errc() || end != port.data() + port.size()) {
    return fail(ErrorCode::kInvalidArgument, std::format("--listen {}: {} is no port (0 to 65535)", text, port));
  }
  if (!address.empty()) gateway.address = address;
  return {};
}

Result<FarmConfig> make_config(const ServeOptions& options) {
  FarmConfig config;
  config.data_dir = options.data_dir;
  config.nats_url = options.nats_url;
  config.cpu.slots = options.workers;
  config.cpu.memory_bytes = options.memory_mb << 20;
  config.cpu.task_timeout = std::chrono::seconds(options.task_timeout_s);
  config.scheduler.runner.task_timeout = config.cpu.task_timeout;
  config.store.min_free_bytes = config.gateway.min_free_bytes = options.min_free_mb << 20;
  config.gateway.staging.bytes = options.max_staged_mb << 20;
  config.scheduler.pressure.enabled = options.yield;
  config.scheduler.drain_timeout = std::chrono::seconds(options.drain_s);
  config.scheduler.runner.limits.max_bytes = options.max_upload_mb << 20;
  config.gateway.max_upload_bytes = options.max_upload_mb << 20;
  config.gateway.trust_network = options.trust_network;
  config.gateway.tls_cert_file = options.tls_cert_file;
  config.gateway.tls_key_file = options.tls_key_file;
  config.gateway.require_tokens = options.require_tokens;
  config.gateway.access_folder = options.data_dir + "/access";
  config.gateway.recipe_folder = options.recipe_dir;
  if (!options.hooks_file.empty()) {
    TT_ASSIGN(config.gateway.hooks, read_hooks_file(options.hooks_file));
  }
  TT_TRY(parse_listen(options.listen, config.gateway));
  TT_TRY(config.gateway.validate());
  return config;
}

// Appears whole or not at all.
Status write_port_file(const std::string& path, const std::string& url) {
  const std::string partial = path + ".partial";
  {
    const UniqueFd file(::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    const std::string line = url + "\n";
    if (!file || ::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
      return fail(error_from_errno(errno, "writing " + partial));
    }
  }
  if (::rename(partial.c_str(), path.c_str()) != 0) return fail(error_from_errno(errno, "writing " + path));
  return {};
}

int report(const Error& error) {
  std::fprintf(stderr, "tintype serve: %s\n", error.message.c_str());
  return exit_code_of(error.code) == kExitSomeFailed ? kExitFarm : exit_code_of(error.code);
}

}  // namespace

int run_serve(const ServeOptions& options) {
  // Blocked before any thread starts, so that every thread inherits it and only sigwait below sees them.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  sigset_t awaited = stop_signals;
  // Without a certificate there is nothing to read again, and SIGHUP means what it always does: the terminal is gone.
  if (!options.tls_cert_file.empty()) sigaddset(&awaited, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
  signal(SIGPIPE, SIG_IGN);

  const auto level = parse_log_level(options.log_level);
  if (!level) return report(level.error());
  const LogFormat format = options.log_format == "json" ? LogFormat::kJson : LogFormat::kText;
  std::unique_ptr<LogFile> log_file;
  if (!options.log_file.empty()) {
    auto opened = LogFile::open({.path = options.log_file, .max_bytes = options.log_max_mb << 20, .keep = options.log_keep});
    if (!opened) return report(opened.error());
    log_file = std::move(*opened);
  }
  Logger log = log_file ? Logger(*level, *log_file, format) : Logger(*level, STDERR_FILENO, format);
  const SystemClock clock;

  const auto config = make_config(options);
  if (!config) return report(config.error());
  auto farm = start_farm(*config, clock, log);
  if (!farm) return report(farm.error());
  if (!options.port_file.empty()) {
    if (const Status written = write_port_file(options.port_file, (*farm)->url()); !written) return report(written.error());
  }
  log.info("serving", {{"url", (*farm)->url()}, {"data", options.data_dir}});

  int signal_number = 0;
  while (sigwait(&awaited, &signal_number) != 0 || signal_number == SIGHUP) {
    if (const Status reloaded = (*farm)->reload(); !reloaded) {
      log.error("reload_failed", {{"error", reloaded.error().to_string()}});
    } else {
      log.info("reloaded");
    }
  }
  log.info("draining", {{"signal", signal_number}});
  // A second signal must be able to end a drain that takes too long.
  signal(SIGTERM, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);
  (*farm)->drain();
  farm->reset();
  log.info("stopped");
  return kExitOk;
}

}  // namespace tintype
