#include "gateway/recipes/recipe_names.h"

namespace tintype {

bool is_recipe_name(std::string_view name) {
  return !name.empty() && name.size() <= 40 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == name.npos;
}

Result<Recipe> recipe_named(const std::string& name, RecipeBook& recipes) {
  if (!is_recipe_name(name)) {
    return fail(ErrorCode::kInvalidArgument, "recipe must be a name: 1 to 40 of a-z, 0-9 and '-'");
  }
  auto recipe = recipes.find(name);
  if (!recipe && recipe.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kInvalidArgument, recipe.error().message);
  }
  return recipe;
}

}  // namespace tintype
