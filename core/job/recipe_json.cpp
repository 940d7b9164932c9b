#include "core/job/recipe_json.h"

#include "core/job/recipe_rules.h"

namespace tintype {
namespace {

Json rung_to_json(const Rung& rung) {
  Json json = {{"long_side", rung.long_side_px},
               {"format", rung.format_text()},
               {"quality", rung.quality},
               {"effort", rung.effort},
               {"encoder", encoder_name(rung.encoder)}};
  if (const auto& target = rung.target) {
    json["quality"] = target->to_string();
    json["score_below"] = target->below;
    json["score_above"] = target->above;
    json["lowest_quality"] = target->lowest_quality;
    json["highest_quality"] = target->highest_quality;
    json["max_encodes"] = target->max_probes;
  }
  return json;
}

void read_quality(FieldReader& in, Rung& rung) {
  if (!in.holds_text("quality")) return in.read("quality", rung.quality);
  QualityTarget target;
  in.read_word("quality", parse_quality_target, target);
  in.read("score_below", target.below);
  in.read("score_above", target.above);
  in.read("lowest_quality", target.lowest_quality);
  in.read("highest_quality", target.highest_quality);
  in.read("max_encodes", target.max_probes);
  rung.target = target;
}

Rung read_rung(FieldReader& in) {
  Rung rung;
  in.read("long_side", rung.long_side_px);
  RungFormat format;
  in.read_word("format", parse_rung_format, format);
  rung.format = format.format;
  rung.is_best = format.is_best;
  read_quality(in, rung);
  in.read("effort", rung.effort);
  in.read_word("encoder", parse_encoder, rung.encoder);
  if (rung.is_best) rung.encoder = default_encoder(rung.format);
  return rung;
}

MetadataPolicy read_metadata(FieldReader& in) {
  MetadataPolicy policy;
  in.read("colour_profile", policy.colour_profile);
  in.read("date", policy.date);
  in.read("gps", policy.gps);
  in.read("camera", policy.camera);
  return policy;
}

}  // namespace

Json recipe_to_json(const Recipe& recipe) {
  Json rungs = Json::array();
  for (const Rung& rung : recipe.rungs) rungs.push_back(rung_to_json(rung));
  return {{"name", recipe.name},
          {"damaged", damaged_policy_name(recipe.damaged)},
          {"metadata",
           {{"colour_profile", recipe.metadata.colour_profile},
            {"date", recipe.metadata.date},
            {"gps", recipe.metadata.gps},
            {"camera", recipe.metadata.camera}}},
          {"rungs", std::move(rungs)}};
}

Recipe read_recipe(FieldReader& in) {
  Recipe recipe;
  in.read("name", recipe.name);
  in.read_word("damaged", parse_damaged_policy, recipe.damaged);
  in.read_object("metadata", recipe.metadata, read_metadata);
  in.read_objects("rungs", recipe.rungs, kMaxRungs, read_rung);
  if (!in.status()) return recipe;
  if (const auto fault = find_fault(recipe)) {
    if (fault->rung) {
      in.refuse(std::format("rungs[{}].{}", *fault->rung, fault->key), fault->message);
    } else {
      in.refuse(fault->key == "rung" ? "rungs" : fault->key, fault->message);
    }
  }
  return recipe;
}

}  // namespace tintype
