// GET /v1/recipes, /v1/recipes/{name}; PUT /v1/recipes/{name}
#include <algorithm>
#include <format>

#include "gateway/api.h"
#include "gateway/json_answer.h"
#include "gateway/problem.h"
#include "gateway/recipes/recipe_book.h"
#include "gateway/recipes/recipe_names.h"
#include "gateway/small_body.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxRecipeBytes = 64 << 10;

Json to_json_value(const Recipe& recipe, bool builtin) {
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
  return {{"name", recipe.name}, {"version", recipe.version()}, {"builtin", builtin}, {"rungs", std::move(rungs)}};
}

Result<http::Response> store_recipe(Api& api, const std::string& name, const std::string& toml) {
  TT_ASSIGN(const Recipe recipe, parse_recipe_toml(toml));
  if (recipe.name != name) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("the recipe calls itself '{}' but was put as '{}'", recipe.name, name));
  }
  const std::lock_guard lock(api.recipe_writes);
  const auto known = api.recipes.find(name);
  if (!known && known.error().code != ErrorCode::kNotFound) return fail(known.error());
  if (known && !(*known == recipe)) {
    return fail(ErrorCode::kAlreadyExists,
                std::format("the recipe '{}' means something else already (version {}); choose "
                            "another name",
                            name, known->version()));
  }
  if (!known) TT_TRY(api.recipes.add(recipe));
  return json_answer(known ? 200 : 201, {{"name", name}, {"version", recipe.version()}});
}

}  // namespace

Result<http::Begun> list_recipes(const Call& call) {
  TT_ASSIGN(const auto own, call.api.recipes.names());
  Json recipes = Json::array();
  for (const Recipe& recipe : builtin_recipes()) {
    if (!std::ranges::binary_search(own, recipe.name)) recipes.push_back(to_json_value(recipe, true));
  }
  for (const std::string& name : own) {
    const auto recipe = call.api.recipes.find(name);
    recipes.push_back(recipe ? to_json_value(*recipe, false)
                             : Json{{"name", name}, {"builtin", false}, {"error", recipe.error().message}});
  }
  return json_answer(200, {{"recipes", std::move(recipes)}});
}

Result<http::Begun> show_recipe(const Call& call) {
  const std::string& name = call.arguments[0];
  if (!is_recipe_name(name)) return fail(ErrorCode::kNotFound, "there is no recipe of this name");
  TT_ASSIGN(const Recipe recipe, call.api.recipes.find(name));
  return http::Response(200, "application/toml", to_toml(recipe));
}

Result<http::Begun> put_recipe(const Call& call) {
  const std::string name = call.arguments[0];
  if (!is_recipe_name(name)) {
    return fail(ErrorCode::kInvalidArgument, "a recipe's name is 1 to 40 of a-z, 0-9 and '-'");
  }
  return collect_body(kMaxRecipeBytes, [&api = call.api, name](const std::string& toml) {
    auto response = store_recipe(api, name, toml);
    return response ? std::move(*response) : problem_response(std::move(response).error());
  });
}

}  // namespace tintype
