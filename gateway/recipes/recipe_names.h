// Recipes by name, and by name alone: what comes over the network names no file.
#pragma once

#include <string>
#include <string_view>

#include "core/job/recipe.h"
#include "gateway/recipes/recipe_book.h"

namespace tintype {

// [a-z0-9-], 1..40 characters.
bool is_recipe_name(std::string_view name);

// RecipeBook::find() for a name from outside: kInvalidArgument for anything else than a name;
// kInvalidArgument, too, when there is none of that name (the message lists what there is).
Result<Recipe> recipe_named(const std::string& name, RecipeBook& recipes);

}  // namespace tintype
