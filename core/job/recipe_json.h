// Recipes inside JSON documents. Private to .cpp files.
#pragma once

#include "core/job/json_fields.h"
#include "core/job/recipe.h"

namespace tintype {

// {"name", "damaged", "metadata": {...}, "rungs": [{"long_side", "format", "quality", "effort", "encoder"}]}; beside
// a score also {"score_below", "score_above", "lowest_quality", "highest_quality", "max_encodes"}
Json recipe_to_json(const Recipe& recipe);

// Reads what recipe_to_json wrote, by the same rules as TOML; deviations are `in`'s.
Recipe read_recipe(FieldReader& in);

}  // namespace tintype
