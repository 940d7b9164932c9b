#include "cli/serve.h"

#include <cstdio>

#include "cli/devices/device_lanes.h"
#include "cli/exit_codes.h"
#include "cli/farm.h"
#include "cli/hooks_file.h"
#include "cli/service.h"
#include "core/base/clock.h"
#include "scheduler/placement.h"

namespace tintype {
namespace {

Result<FarmConfig> make_config(const ServeOptions& options) {
  FarmConfig config;
  config.data_dir = options.data_dir;
  config.nats_url = options.nats_url;
  config.lanes.cpu.slots = options.workers;
  config.lanes.cpu.memory_bytes = options.memory_mb << 20;
  config.lanes.cpu.task_timeout = std::chrono::seconds(options.task_timeout_s);
  config.scheduler.runner.task_timeout = config.lanes.cpu.task_timeout;
  config.scheduler.runner.device_task_timeout = config.lanes.cpu.task_timeout / 4;
  TT_TRY(check_device_options(options.devices));
  config.lanes.devices = options.devices;
  config.scheduler.runner.device_checks.one_in = options.devices.check_one_in;
  TT_ASSIGN(config.scheduler.runner.cuts.placement, placement_of(options.devices.placement));
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
  TT_ASSIGN(const ListenAddress listen, parse_listen(options.listen));
  config.gateway.address = listen.host;
  config.gateway.port = listen.port;
  TT_TRY(config.gateway.validate());
  return config;
}

int report(const Error& error) {
  std::fprintf(stderr, "tintype serve: %s\n", error.message.c_str());
  return exit_code_of(error.code) == kExitSomeFailed ? kExitFarm : exit_code_of(error.code);
}

}  // namespace

int run_serve(const ServeOptions& options) {
  // Without a certificate there is nothing to read again, and SIGHUP means what it always does: the terminal is gone.
  ServiceSignals signals(!options.tls_cert_file.empty());
  allow_many_open_files();
  const auto opened =
      ServiceLog::open({options.log_level, options.log_file, options.log_format, options.log_max_mb, options.log_keep});
  if (!opened) return report(opened.error());
  Logger& log = (*opened)->log();
  const SystemClock clock;

  const auto config = make_config(options);
  if (!config) return report(config.error());
  auto farm = start_farm(*config, clock, log);
  if (!farm) return report(farm.error());
  if (!options.port_file.empty()) {
    if (const Status written = write_port_file(options.port_file, (*farm)->url()); !written)
      return report(written.error());
  }
  log.info("serving", {{"url", (*farm)->url()}, {"data", options.data_dir}});

  signals.wait([&] {
    if (const Status reloaded = (*farm)->reload(); !reloaded) {
      log.error("reload_failed", {{"error", reloaded.error().to_string()}});
    } else {
      log.info("reloaded");
    }
  });
  log.info("draining");
  (*farm)->drain();
  farm->reset();
  log.info("stopped");
  return kExitOk;
}

}  // namespace tintype
