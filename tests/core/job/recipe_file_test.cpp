// find_recipe: names, folders and paths.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/job/recipe.h"

namespace tintype {
namespace {

using ::testing::HasSubstr;

class RecipeFileTest : public ::testing::Test {
 protected:
  RecipeFileTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "recipes-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~RecipeFileTest() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& file, const std::string& text) const {
    const std::string path = folder_ + "/" + file;
    std::ofstream(path) << text;
    return path;
  }
  static std::string toml(const std::string& name, int quality) {
    return "name = \"" + name +
           "\"\n[[rung]]\nlong_side = 9\nformat = \"webp\"\neffort = 0\nquality = " + std::to_string(quality) + "\n";
  }

  std::string folder_;
};

TEST_F(RecipeFileTest, BuiltInNamesNeedNoFolder) {
  EXPECT_EQ(find_recipe("web", "").value(), builtin_recipes()[0]);
  EXPECT_EQ(find_recipe("web-webp", "/nowhere/at/all").value(), builtin_recipes()[1]);
}

TEST_F(RecipeFileTest, TheFolderWinsOverTheBuiltIn) {
  write("web.toml", toml("web", 11));
  EXPECT_EQ(find_recipe("web", folder_).value().rungs[0].quality, 11);
  EXPECT_EQ(find_recipe("web", "").value().rungs[0].quality, 75);
}

TEST_F(RecipeFileTest, ABrokenFileIsNotPassedOver) {
  const std::string path = write("web.toml", "name = \"web\"\nquality = 3\n");
  const auto recipe = find_recipe("web", folder_);
  ASSERT_FALSE(recipe);
  EXPECT_EQ(recipe.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(recipe.error().message, HasSubstr(path + ": line 2: quality is unknown"));
}

TEST_F(RecipeFileTest, APathIsReadWhateverTheRecipeIsCalled) {
  const std::string path = write("mine.toml", toml("other", 12));
  EXPECT_EQ(find_recipe(path, "").value().name, "other");
  EXPECT_EQ(find_recipe(folder_ + "/absent.toml", "").error().code, ErrorCode::kNotFound);
}

TEST_F(RecipeFileTest, AFileInTheFolderMustBeCalledAsItsRecipe) {
  write("mine.toml", toml("other", 12));
  const auto recipe = find_recipe("mine", folder_);
  ASSERT_FALSE(recipe);
  EXPECT_THAT(recipe.error().message, HasSubstr("calls itself \"other\""));
}

TEST_F(RecipeFileTest, AnUnknownNameListsWhatThereIs) {
  write("small.toml", toml("small", 1));
  write("notes.txt", "");
  const auto recipe = find_recipe("smal", folder_);
  ASSERT_FALSE(recipe);
  EXPECT_EQ(recipe.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(recipe.error().message, "there is no recipe \"smal\"; there are: small, web, web-webp");
}

TEST_F(RecipeFileTest, ANameCannotLeaveTheFolder) {
  EXPECT_EQ(find_recipe("..", folder_).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(find_recipe("", folder_).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(find_recipe("Web", folder_).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(RecipeFileTest, AHugeFileIsRefusedUnread) {
  const std::string path = write("huge.toml", std::string(70'000, '#'));
  const auto recipe = find_recipe(path, "");
  ASSERT_FALSE(recipe);
  EXPECT_THAT(recipe.error().message, HasSubstr("at most 65536"));
}

TEST_F(RecipeFileTest, AFolderIsNoRecipe) { EXPECT_FALSE(find_recipe(folder_ + "/", "")); }

}  // namespace
}  // namespace tintype
