#include "cli/commands/config_command.h"

#include <format>

#include "cli/commands/farm_command.h"
#include "cli/exit_codes.h"
#include "cli/fleet/fleet_config.h"

namespace tintype {
namespace {

constexpr const char* kName = "config";

}  // namespace

// Also what each process would find only when it starts: secrets, certificates, the hooks file.
int run_config_check(const std::string& path) {
  const auto config = read_fleet_config(path);
  if (!config) return report_error(kName, config.error());
  if (const auto queue = queue_config(*config); !queue) return report_error(kName, queue.error());
  if (const auto gateway = gateway_config(*config); !gateway) return report_error(kName, gateway.error());
  if (const Status scheduler = scheduler_config(*config).validate(); !scheduler)
    return report_error(kName, scheduler.error());
  print(std::format("{} is a fleet's configuration: farm {}, {} NATS servers, {} replicas, Ceph as {}\n", path,
                    config->farm, config->nats.urls.size(), config->nats.replicas, config->ceph.user));
  return kExitOk;
}

int run_config_example() {
  print(fleet_config_example());
  return kExitOk;
}

}  // namespace tintype
