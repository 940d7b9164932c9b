// The folder that holds a farm's own recipes, NAME.toml each.
#pragma once

#include <string>
#include <vector>

#include "core/job/recipe.h"

namespace tintype {

// Names, sorted; none if the folder is not there.
Result<std::vector<std::string>> recipes_in(const std::string& folder);

// Appears whole or not at all, and durable. Makes the folder. Replaces what had the name.
Status write_recipe(const std::string& folder, const Recipe& recipe);

}  // namespace tintype
