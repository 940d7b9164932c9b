#include "core/job/contract_json.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxProbes = 64;

Probe read_probe(FieldReader& in) {
  Probe probe;
  in.read("quality", probe.quality);
  in.read("score", probe.score);
  in.read("bytes", probe.bytes);
  in.read_seconds("seconds", probe.seconds);
  if (in.has("quarters")) in.read("quarters", probe.quarters);
  return probe;
}

}  // namespace

Json contract_to_json(const ContractResult& result) {
  Json probes = Json::array();
  for (const Probe& probe : result.probes) {
    Json& json = probes.emplace_back(
        Json{{"quality", probe.quality}, {"score", probe.score}, {"bytes", probe.bytes}, {"seconds", probe.seconds}});
    if (probe.quarters > 0) json["quarters"] = probe.quarters;
  }
  const QualityTarget& target = result.target;
  return {{"quality", target.to_string()},
          {"score_below", target.below},
          {"score_above", target.above},
          {"lowest_quality", target.lowest_quality},
          {"highest_quality", target.highest_quality},
          {"max_encodes", target.max_probes},
          {"score", result.score},
          {"quarters", result.quarters},
          {"end", search_end_name(result.end)},
          {"met", result.is_met()},
          {"encodes", result.encodes()},
          {"share", result.share},
          {"seconds", result.seconds},
          {"encode_seconds", result.encode_seconds},
          {"rival_bytes", result.rival_bytes},
          {"probes", std::move(probes)}};
}

ContractResult read_contract(FieldReader& in) {
  ContractResult result;
  in.read_word("quality", parse_quality_target, result.target);
  in.read("score_below", result.target.below);
  in.read("score_above", result.target.above);
  in.read("lowest_quality", result.target.lowest_quality);
  in.read("highest_quality", result.target.highest_quality);
  in.read("max_encodes", result.target.max_probes);
  in.read("score", result.score);
  if (in.has("quarters")) in.read("quarters", result.quarters);
  in.read_word("end", parse_search_end, result.end);
  in.read("share", result.share);
  in.read_seconds("seconds", result.seconds);
  in.read_seconds("encode_seconds", result.encode_seconds);
  in.read("rival_bytes", result.rival_bytes);
  in.read_objects("probes", result.probes, kMaxProbes, read_probe);
  return result;
}

}  // namespace tintype
