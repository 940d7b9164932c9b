// RecipeBook: the recipes that a farm knows beside those that are built in: files of a folder, or documents
// of a fleet. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/job/recipe.h"
#include "storage_client/documents.h"

namespace tintype {

class RecipeBook {
 public:
  virtual ~RecipeBook() = default;

  // Of the farm's own, sorted.
  virtual Result<std::vector<std::string>> names() = 0;
  // Its own or a built-in one. kNotFound lists what there is. `name` is one (is_recipe_name()).
  virtual Result<Recipe> find(const std::string& name) = 0;
  // Durable when it returns. kUnsupported where none can be kept.
  virtual Status add(const Recipe& recipe) = 0;
};

// NAME.toml files; a folder that is "" has none and takes none. A file wins over a built-in recipe of its
// name.
std::unique_ptr<RecipeBook> make_recipe_folder(std::string folder);

// Documents "recipes/NAME.toml". What a name means never changes once it was added, so it is read once.
// `documents` must outlive it.
std::unique_ptr<RecipeBook> make_shared_recipes(Documents& documents);

}  // namespace tintype
