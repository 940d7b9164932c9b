#include "cli/compress/recipe_choice.h"

#include <format>

#include "cli/files.h"
#include "cli/text/utf8.h"

namespace tintype {

bool names_recipe_file(const std::string& recipe) {
  return recipe.find('/') != std::string::npos || recipe.ends_with(".toml");
}

Result<Recipe> choose_own_recipe(const std::string& recipe, const std::string& recipe_dir) {
  TT_ASSIGN(Recipe found, find_recipe(recipe, ""));
  if (!names_recipe_file(recipe)) return found;
  TT_TRY(make_folders(recipe_dir));
  TT_TRY(replace_text_file(std::format("{}/{}.toml", recipe_dir, found.name), to_toml(found)));
  return found;
}

Result<Recipe> choose_farm_recipe(const std::string& recipe, FarmClient& farm) {
  if (names_recipe_file(recipe)) {
    TT_ASSIGN(Recipe found, find_recipe(recipe, ""));
    const Result<HttpAnswer> put = farm.call("PUT", "/v1/recipes/" + found.name, to_toml(found));
    const bool taken =
        !put && (put.error().code == ErrorCode::kAlreadyExists || put.error().code == ErrorCode::kConflict);
    if (taken) {
      return fail(ErrorCode::kConflict,
                  std::format("the farm at {} calls another recipe \"{}\": give the one in {} another name", farm.url(),
                              found.name, printable(recipe)));
    }
    if (!put) return fail(put.error());
    return found;
  }
  const Result<HttpAnswer> got = farm.call("GET", "/v1/recipes/" + url_encoded(recipe));
  if (!got && got.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kNotFound,
                std::format("the farm at {} has no recipe \"{}\": `tintype recipes --farm {}` lists them", farm.url(),
                            printable(recipe), farm.url()));
  }
  if (!got) return fail(got.error());
  return parse_recipe_toml(got->body);
}

}  // namespace tintype
