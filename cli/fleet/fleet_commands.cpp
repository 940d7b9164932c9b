#include "cli/fleet/fleet_commands.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <format>

#include "cli/devices/device_lanes.h"
#include "cli/exit_codes.h"
#include "cli/files.h"
#include "cli/fleet/fleet_links.h"
#include "cli/fleet/gateway_process.h"
#include "cli/fleet/node_process.h"
#include "cli/lanes.h"
#include "cli/service.h"
#include "gateway/access/access_document.h"

namespace tintype {
namespace {

int report(const char* name, const Error& error) {
  std::fprintf(stderr, "tintype %s: %s\n", name, error.message.c_str());
  if (error.code == ErrorCode::kCancelled) return kExitOk;
  return exit_code_of(error.code) == kExitSomeFailed ? kExitFarm : exit_code_of(error.code);
}

FleetStores stores_of(RadosStore& store) { return {store.blobs(), store.index(), store.jobs(), store.documents()}; }

Status tell_ready(const FleetOptions& options, const std::string& line) {
  return options.ready_file.empty() ? Status() : write_port_file(options.ready_file, line);
}

// The program whose children do the work. It is the one without a store's client library: what parses bytes from
// outside has no use for it.
std::string zygote_program() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path beside = self.parent_path() / "tintype";
  return !error && ::access(beside.c_str(), X_OK) == 0 ? beside.string() : ZygoteConfig{}.program;
}

Status serve_gateway(const FleetConfig& config, const FleetOptions& options, ServiceSignals& signals, Logger& log) {
  const SystemClock clock;
  const auto is_stopping = [&] { return signals.has_ended(); };
  TT_TRY(make_folders(config.gateway.state_dir));
  TT_ASSIGN(const auto store, open_fleet_store(config, clock, log, is_stopping));
  TT_ASSIGN(NatsQueue queue, open_fleet_queue(config, clock, log, is_stopping));
  TT_ASSIGN(const auto gateway, start_gateway_process(config, stores_of(*store), queue, clock, log));
  TT_TRY(tell_ready(options, gateway->url()));
  log.info("serving", {{"gateway", config.gateway.name}, {"url", gateway->url()}});
  signals.wait([&] {
    if (const Status reloaded = gateway->reload(); !reloaded) {
      log.error("reload_failed", {{"error", reloaded.error().to_string()}});
    } else {
      log.info("reloaded");
    }
  });
  log.info("draining");
  gateway->drain();
  return {};
}

Status serve_node(const FleetConfig& config, const FleetOptions& options, ServiceSignals& signals, Logger& log) {
  const SystemClock clock;
  const auto is_stopping = [&] { return signals.has_ended(); };
  Metrics metrics;
  TT_ASSIGN(const auto zygote, start_zygote({.program = zygote_program()}, log));  // first: no thread exists yet
  TT_ASSIGN(const auto store, open_fleet_store(config, clock, log, is_stopping));
  TT_ASSIGN(NatsQueue queue, open_fleet_queue(config, clock, log, is_stopping));
  const LanesConfig lanes_to_make = lanes_config(config);
  TT_TRY(check_device_options(lanes_to_make.devices));
  TT_ASSIGN(const Lanes lanes, make_lanes(lanes_to_make, *zygote, metrics, log));
  TT_ASSIGN(const auto node,
            start_node_process(config, stores_of(*store), queue, borrowed(lanes), clock, metrics, log));
  TT_TRY(tell_ready(options, config.node.name));
  log.info("serving", {{"node", config.node.name}});
  signals.wait([] {});
  log.info("draining");
  node->drain();
  return {};
}

int run(const char* name, const FleetOptions& options, bool takes_hangup,
        Status (*serve)(const FleetConfig&, const FleetOptions&, ServiceSignals&, Logger&)) {
  ServiceSignals signals(takes_hangup);
  allow_many_open_files();
  const auto config = read_fleet_config(options.config_file, options.assignments);
  if (!config) return report(name, config.error());
  const auto log = ServiceLog::open(log_options(*config));
  if (!log) return report(name, log.error());
  if (const Status served = serve(*config, options, signals, (*log)->log()); !served)
    return report(name, served.error());
  (*log)->log().info("stopped");
  return kExitOk;
}

// With the store that it reads.
class FleetAccess final : public AccessStore {
 public:
  explicit FleetAccess(std::unique_ptr<Logger> log) : log_(std::move(log)) {}
  Status open(const FleetConfig& config) {
    TT_ASSIGN(store_, open_fleet_store(config, clock_, *log_));
    document_ = std::make_unique<AccessDocument>(store_->documents());
    return {};
  }
  Result<AccessBook> read() const override { return document_->read(); }
  Status change(UnixMs now_ms, const std::function<Status(AccessBook&)>& edit) const override {
    return document_->change(now_ms, edit);
  }

 private:
  const SystemClock clock_;
  std::unique_ptr<Logger> log_;
  std::unique_ptr<RadosStore> store_;
  std::unique_ptr<AccessDocument> document_;
};

}  // namespace

int run_gateway(const FleetOptions& options) { return run("gateway", options, true, serve_gateway); }

int run_node(const FleetOptions& options) { return run("node", options, false, serve_node); }

Result<std::unique_ptr<AccessStore>> open_fleet_access(const std::string& config_file) {
  TT_ASSIGN(FleetConfig config, read_fleet_config(config_file));
  config.start_timeout_s = 1;  // whoever types a command waits for one deadline of the store's, not for more
  auto access = std::make_unique<FleetAccess>(std::make_unique<Logger>(LogLevel::kError));
  TT_TRY(access->open(config));
  return access;
}

}  // namespace tintype
