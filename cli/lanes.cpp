#include "cli/lanes.h"

#include <utility>

#include "cli/devices/device_lanes.h"

namespace tintype {

Result<Lanes> make_lanes(const LanesConfig& config, Zygote& zygote, Metrics& metrics, Logger& log) {
  Lanes lanes;
  TT_ASSIGN(lanes.emplace_back(), make_cpu_lane(config.cpu, zygote, metrics, log));
  for (auto& lane : make_device_lanes(config.devices, config.program_cache, metrics, log))
    lanes.push_back(std::move(lane));
  return lanes;
}

std::vector<Lane*> borrowed(const Lanes& lanes) {
  std::vector<Lane*> out;
  for (const auto& lane : lanes) out.push_back(lane.get());
  return out;
}

}  // namespace tintype
