#include "cli/commands/recipes_command.h"

#include <format>
#include <vector>

#include "cli/compress/recipe_choice.h"
#include "cli/exit_codes.h"
#include "cli/files.h"
#include "cli/text/table.h"
#include "cli/text/utf8.h"
#include "core/job/recipe.h"

namespace tintype {
namespace {

constexpr const char* kName = "recipes";

std::string rungs_text(const Recipe& recipe) {
  std::string text;
  for (const Rung& rung : recipe.rungs) text += (text.empty() ? "" : " ") + rung.name();
  return text;
}

std::string metadata_text(const MetadataPolicy& policy) {
  std::string kept;
  const auto add = [&](bool keeps, const char* name) {
    if (keeps) kept += (kept.empty() ? "" : ", ") + std::string(name);
  };
  add(policy.colour_profile, "colour profile");
  add(policy.date, "date");
  add(policy.gps, "GPS");
  add(policy.camera, "camera");
  return kept.empty() ? "nothing" : kept;
}

Json recipe_json(const Recipe& recipe, bool builtin) {
  Json rungs = Json::array();
  for (const Rung& rung : recipe.rungs) {
    Json& json = rungs.emplace_back(Json{{"name", rung.name()},
                                         {"long_side", rung.long_side_px},
                                         {"format", rung.format_text()},
                                         {"quality", rung.quality},
                                         {"effort", rung.effort},
                                         {"encoder", rung.is_best ? "" : encoder_name(rung.encoder)}});
    if (rung.target) json["quality"] = rung.target->to_string();
  }
  return {{"name", recipe.name}, {"version", recipe.version()}, {"builtin", builtin}, {"rungs", rungs}};
}

void list_builtin(bool json) {
  Json all = Json::array();
  Table table({{"Recipe"}, {"Version"}, {"Keeps"}, {"Variants"}});
  for (const Recipe& recipe : builtin_recipes()) {
    all.push_back(recipe_json(recipe, true));
    table.add_row({recipe.name, recipe.version(), metadata_text(recipe.metadata), rungs_text(recipe)});
  }
  json ? print_json({{"recipes", all}}) : print(table.to_string());
}

Result<int> list_of_farm(FarmClient& farm, bool json) {
  TT_ASSIGN(const Json answer, farm.get_json("/v1/recipes"));
  if (json) {
    print_json(answer);
    return kExitOk;
  }
  Table table({{"Recipe"}, {"Version"}, {"From"}, {"Variants"}});
  for (const Json& recipe : array_at(answer, "recipes")) {
    std::string rungs;
    for (const Json& rung : array_at(recipe, "rungs")) {
      rungs += (rungs.empty() ? "" : " ") + (rung.is_string() ? rung.get<std::string>() : text_at(rung, "name"));
    }
    table.add_row({text_at(recipe, "name"), text_at(recipe, "version"),
                   flag_at(recipe, "builtin") ? "built in" : "the farm", rungs});
  }
  print(table.to_string());
  return kExitOk;
}

FarmOptions farm_options(const RecipesOptions& options) { return {options.farm, options.json}; }

}  // namespace

int run_recipes_list(const RecipesOptions& options) {
  if (!options.farm.empty()) {
    return with_farm(kName, farm_options(options), [&](FarmClient& farm) { return list_of_farm(farm, options.json); });
  }
  list_builtin(options.json);
  return kExitOk;
}

int run_recipes_show(const RecipesOptions& options, const std::string& name) {
  const auto show = [&](const Recipe& recipe) {
    options.json ? print_json(recipe_json(recipe, false)) : print(to_toml(recipe));
    return kExitOk;
  };
  if (options.farm.empty() || names_recipe_file(name)) {
    const Result<Recipe> recipe = find_recipe(name, "");
    return recipe ? show(*recipe) : report_error(kName, recipe.error());
  }
  return with_farm(kName, farm_options(options), [&](FarmClient& farm) -> Result<int> {
    TT_ASSIGN(const Recipe recipe, choose_farm_recipe(name, farm));
    return show(recipe);
  });
}

int run_recipes_check(const RecipesOptions& options, const std::string& file) {
  const Result<std::string> text = read_text_file(file);
  if (!text) return report_error(kName, text.error());
  const Result<Recipe> recipe = parse_recipe_toml(*text);
  if (!recipe) {
    if (!options.json) return report_error(kName, {ErrorCode::kInternal, file + ": " + recipe.error().message});
    print_json({{"ok", false}, {"error", recipe.error().message}});
    return kExitSomeFailed;
  }
  if (options.json) {
    print_json({{"ok", true}, {"recipe", recipe_json(*recipe, false)}});
  } else {
    print(std::format("{} is a recipe: \"{}\", version {}\n  variants: {}\n  keeps: {}\n", printable(file),
                      recipe->name, recipe->version(), rungs_text(*recipe), metadata_text(recipe->metadata)));
  }
  return kExitOk;
}

}  // namespace tintype
