#include "cli/devices_json.h"

#include <nlohmann/json.hpp>

namespace tintype {

std::string devices_json(const std::string& node, const std::vector<LaneReport>& lanes, const YieldReport& yielding) {
  using Json = nlohmann::ordered_json;
  Json reports = Json::array();
  for (const LaneReport& lane : lanes) {
    Json rates = Json::array();
    for (const LearnedRate& rate : lane.rates) {
      rates.push_back({{"step", rate.kind},
                       {"megapixels_per_second", rate.seconds_per_megapixel > 0 ? 1 / rate.seconds_per_megapixel : 0},
                       {"observations", rate.observations}});
    }
    reports.push_back({{"name", lane.info.name},
                       {"kind", lane.info.kind},
                       {"device", lane.info.device},
                       {"slots", lane.info.slots},
                       {"memory_bytes", lane.info.memory_bytes},
                       {"state", lane.health.state == LaneState::kReady ? "ready" : "out_of_service"},
                       {"reason", lane.health.reason},
                       {"tasks_done", lane.health.tasks_done},
                       {"tasks_failed", lane.health.tasks_failed},
                       {"restarts", lane.health.restarts},
                       {"rates", std::move(rates)}});
  }
  const Json bulk = {
      {"slots", yielding.bulk_slots},
      {"of", yielding.slots},
      {"reason", yielding.reason},
      {"pressure",
       {{"cpu", yielding.pressure.cpu}, {"memory", yielding.pressure.memory}, {"io", yielding.pressure.io}}}};
  const Json body = {{"nodes", Json::array({{{"node", node}, {"bulk", bulk}, {"lanes", std::move(reports)}}})}};
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tintype
