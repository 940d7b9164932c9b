#include "gateway/photos/contract_json.h"

namespace tintype {

Json to_json_value(const ContractResult& contract) {
  Json probes = Json::array();
  for (const Probe& probe : contract.probes) {
    Json& json = probes.emplace_back(
        Json{{"quality", probe.quality}, {"score", probe.score}, {"bytes", probe.bytes}, {"seconds", probe.seconds}});
    if (probe.quarters > 0) json["quarters"] = probe.quarters;
  }
  Json json = {{"quality", contract.target.to_string()},
               {"score", contract.score},
               {"met", contract.is_met()},
               {"end", search_end_name(contract.end)},
               {"why", explain_miss(contract)},
               {"encodes", contract.encodes()},
               {"seconds", contract.seconds},
               {"encode_seconds", contract.encode_seconds}};
  if (contract.quarters > 0) json["quarters"] = contract.quarters;
  if (contract.rival_bytes > 0) json["rival_bytes"] = contract.rival_bytes;
  json["probes"] = std::move(probes);
  return json;
}

}  // namespace tintype
