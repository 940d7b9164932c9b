// `tintype recipes`: the recipes that are built in or that a farm has, and whether a file is one.
#pragma once

#include <string>

#include "cli/commands/farm_command.h"

namespace tintype {

struct RecipesOptions {
  std::string farm;  // URL; empty: what is built in
  bool json = false;
};

// Each returns the exit status.
int run_recipes_list(const RecipesOptions& options);
int run_recipes_show(const RecipesOptions& options, const std::string& name);
int run_recipes_check(const RecipesOptions& options, const std::string& file);

}  // namespace tintype
