#include "cli/lanes.h"

namespace tintype {

Result<Lanes> make_lanes(const LanesConfig& config, Zygote& zygote, Metrics& metrics, Logger& log) {
  Lanes lanes;
  TT_ASSIGN(lanes.emplace_back(), make_cpu_lane(config.cpu, zygote, metrics, log));
  return lanes;
}

std::vector<Lane*> borrowed(const Lanes& lanes) {
  std::vector<Lane*> out;
  for (const auto& lane : lanes) out.push_back(lane.get());
  return out;
}

}  // namespace tintype
