// recipe_choice: the recipe that a person named, known here and to the farm that is to follow it.
#pragma once

#include <string>

#include "cli/http/farm_client.h"
#include "core/base/result.h"
#include "core/job/recipe.h"

namespace tintype {

// True for what find_recipe() takes as a path.
bool names_recipe_file(const std::string& recipe);

// For a farm of our own: a built-in recipe, or a file's, which is put into `recipe_dir`, where that farm
// looks.
Result<Recipe> choose_own_recipe(const std::string& recipe, const std::string& recipe_dir);

// For a farm elsewhere: its recipe of that name, or a file's, which is given to the farm. kConflict if the
// farm calls something else by the file's name.
Result<Recipe> choose_farm_recipe(const std::string& recipe, FarmClient& farm);

}  // namespace tintype
