#include <algorithm>
#include <format>
#include <map>
#include <mutex>

#include "gateway/recipes/recipe_book.h"
#include "gateway/recipes/recipe_names.h"

namespace tintype {
namespace {

constexpr std::string_view kFolder = "recipes/";
constexpr std::string_view kSuffix = ".toml";

std::string document_of(const std::string& name) { return std::format("{}{}{}", kFolder, name, kSuffix); }

class SharedRecipes final : public RecipeBook {
 public:
  explicit SharedRecipes(Documents& documents) : documents_(documents) {}

  Result<std::vector<std::string>> names() override {
    TT_ASSIGN(const auto documents, documents_.names(std::string(kFolder)));
    std::vector<std::string> out;
    for (std::string_view name : documents) {
      name.remove_prefix(kFolder.size());
      if (!name.ends_with(kSuffix)) continue;
      name.remove_suffix(kSuffix.size());
      if (is_recipe_name(name)) out.emplace_back(name);
    }
    return out;
  }

  // A built-in name cannot be given to another recipe, so those need no look.
  Result<Recipe> find(const std::string& name) override {
    for (const Recipe& recipe : builtin_recipes()) {
      if (recipe.name == name) return recipe;
    }
    {
      const std::lock_guard lock(mutex_);
      if (const auto known = known_.find(name); known != known_.end()) return known->second;
    }
    const auto document = documents_.read(document_of(name));
    if (!document && document.error().code == ErrorCode::kNotFound) return missing(name);
    if (!document) return fail(document.error());
    TT_ASSIGN(Recipe recipe, parse_recipe_toml(document->text));
    const std::lock_guard lock(mutex_);
    return known_.insert_or_assign(name, std::move(recipe)).first->second;
  }

  Status add(const Recipe& recipe) override {
    const auto written = documents_.write(document_of(recipe.name), to_toml(recipe), 0);
    if (written) return {};
    if (written.error().code != ErrorCode::kConflict) return fail(written.error());
    // Another gateway was faster: fine if it was told the same.
    TT_ASSIGN(const Recipe known, find(recipe.name));
    if (known == recipe) return {};
    return fail(ErrorCode::kAlreadyExists,
                std::format("the recipe '{}' means something else already (version {}); choose another name",
                            recipe.name, known.version()));
  }

 private:
  std::unexpected<Error> missing(const std::string& name) {
    std::string known;
    for (const Recipe& recipe : builtin_recipes()) known += (known.empty() ? "" : ", ") + recipe.name;
    if (const auto own = names()) {
      for (const std::string& each : *own) known += ", " + each;
    }
    return fail(ErrorCode::kNotFound, std::format("there is no recipe '{}'; there are {}", name, known));
  }

  Documents& documents_;
  std::mutex mutex_;
  std::map<std::string, Recipe> known_;
};

}  // namespace

std::unique_ptr<RecipeBook> make_shared_recipes(Documents& documents) {
  return std::make_unique<SharedRecipes>(documents);
}

}  // namespace tintype
