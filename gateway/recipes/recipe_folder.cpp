// Recipes as files of a folder.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <format>

#include "core/base/unique_fd.h"
#include "gateway/recipes/recipe_book.h"
#include "gateway/recipes/recipe_names.h"

namespace tintype {
namespace {

namespace fs = std::filesystem;

Error last_error(std::string_view doing) { return error_from_errno(errno, doing); }

Status write_file(const std::string& path, std::string_view text) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file) return fail(last_error("creating " + path));
  while (!text.empty()) {
    const ssize_t size = ::write(file.get(), text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return fail(last_error("writing " + path));
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  if (::fsync(file.get()) != 0) return fail(last_error("syncing " + path));
  return {};
}

// None if the folder is not there.
Result<std::vector<std::string>> recipes_in(const std::string& folder) {
  std::vector<std::string> names;
  if (folder.empty()) return names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const fs::path& path = it->path();
    if (path.extension() == ".toml" && is_recipe_name(path.stem().string())) names.push_back(path.stem().string());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return fail(error_from_errno(error.value(), "listing " + folder));
  }
  std::ranges::sort(names);
  return names;
}

// Appears whole or not at all, and durable. Makes the folder. Replaces what had the name.
Status write_recipe(const std::string& folder, const Recipe& recipe) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(error_from_errno(error.value(), "making the folder " + folder));
  const std::string path = std::format("{}/{}.toml", folder, recipe.name);
  const std::string draft = path + ".new";
  if (Status written = write_file(draft, to_toml(recipe)); !written) {
    ::unlink(draft.c_str());
    return written;
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) return fail(last_error("renaming " + draft));
  const UniqueFd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) return fail(last_error("syncing " + folder));
  return {};
}

class RecipeFolder final : public RecipeBook {
 public:
  explicit RecipeFolder(std::string folder) : folder_(std::move(folder)) {}

  Result<std::vector<std::string>> names() override { return recipes_in(folder_); }
  Result<Recipe> find(const std::string& name) override { return find_recipe(name, folder_); }
  Status add(const Recipe& recipe) override {
    if (folder_.empty()) return fail(ErrorCode::kUnsupported, "this farm has no folder for recipes of its own");
    return write_recipe(folder_, recipe);
  }

 private:
  const std::string folder_;
};

}  // namespace

std::unique_ptr<RecipeBook> make_recipe_folder(std::string folder) {
  return std::make_unique<RecipeFolder>(std::move(folder));
}

}  // namespace tintype
