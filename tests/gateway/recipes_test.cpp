// /v1/recipes
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/gateway/gateway_fixture.h"

namespace tintype {
namespace {

class Recipes : public GatewayTest {
 protected:
  Recipes() {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    config.recipe_folder = folder_ + "/recipes";  // not made yet
  }
  ~Recipes() override {
    gateway.reset();
    std::filesystem::remove_all(folder_);
  }
  Answer put(const std::string& name, const std::string& toml) {
    return ask({.method = "PUT", .target = "/v1/recipes/" + name, .headers = "", .body = toml});
  }
  std::string toml(const std::string& name, int quality) {
    return "name = \"" + name +
           "\"\n[[rung]]\nlong_side = 800\nformat = \"webp\"\nquality = " + std::to_string(quality) + "\neffort = 4\n";
  }

  std::string folder_ = (std::filesystem::temp_directory_path() / "tintype-recipes-XXXXXX").string();
};

TEST_F(Recipes, BuiltInOnesAreListed) {
  start();
  const TestJson recipes = get_json("/v1/recipes")["recipes"];
  ASSERT_EQ(recipes.size(), builtin_recipes().size());
  EXPECT_EQ(recipes[0]["name"], "web");
  EXPECT_EQ(recipes[0]["builtin"], true);
  EXPECT_EQ(recipes[0]["version"], builtin_recipes()[0].version());
  EXPECT_EQ(recipes[0]["rungs"].size(), builtin_recipes()[0].rungs.size());
  EXPECT_EQ(recipes[0]["rungs"][0]["name"], builtin_recipes()[0].rungs[0].name());
}

TEST_F(Recipes, CanBePutReadAndUsed) {
  start();
  const Answer put_first = put("small", toml("small", 60));
  EXPECT_EQ(put_first.status, 201) << put_first.body;
  EXPECT_EQ(put("small", toml("small", 60)).status, 200);
  expect_problem(put("small", toml("small", 61)), 409, "already_exists");

  const Answer shown = get("/v1/recipes/small");
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.header("content-type"), "application/toml");
  const auto parsed = parse_recipe_toml(shown.body);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->rungs.at(0).quality, 60);
  EXPECT_EQ(stored(upload("x", "?recipe=small")["photo_id"]).heavy.job.recipe, *parsed);
  const TestJson listed = get_json("/v1/recipes")["recipes"].back();
  EXPECT_EQ(listed["name"], "small");
  EXPECT_EQ(listed["builtin"], false);
}

TEST_F(Recipes, OfBuiltInNamesMeanTheBuiltIn) {
  start();
  EXPECT_EQ(put("web", to_toml(builtin_recipes()[0])).status, 200);
  expect_problem(put("web", toml("web", 60)), 409, "already_exists");
}

TEST_F(Recipes, ThatAreNoneAreRefused) {
  start();
  expect_problem(put("small", "nonsense = ["), 400, "invalid_argument");
  expect_problem(put("small", toml("other", 60)), 400, "invalid_argument");
  expect_problem(put("small", toml("small", 600)), 400, "invalid_argument");
  expect_problem(put("small", ""), 400, "invalid_argument");
  expect_problem(put("Small", toml("Small", 60)), 400, "invalid_argument");
  expect_problem(put("..%2fx", toml("x", 60)), 400, "invalid_argument");
  expect_problem(put("a.toml", toml("x", 60)), 400, "invalid_argument");
  expect_problem(put("small", std::string(70'000, '#')), 413, "invalid_argument");
  expect_problem(get("/v1/recipes/small"), 404, "not_found");
  expect_problem(get("/v1/recipes/small.toml"), 404, "not_found");
  EXPECT_FALSE(std::filesystem::exists(config.recipe_folder + "/small.toml"));
}

TEST_F(Recipes, ThatSomebodyBrokeOnDiskSaySo) {
  std::filesystem::create_directories(config.recipe_folder);
  std::ofstream(config.recipe_folder + "/broken.toml") << "nonsense = [";
  start();
  const TestJson listed = get_json("/v1/recipes")["recipes"].back();
  EXPECT_EQ(listed["name"], "broken");
  EXPECT_NE(listed["error"], "");
}

TEST_F(Recipes, NeedAFolder) {
  config.recipe_folder.clear();
  start();
  expect_problem(put("small", toml("small", 60)), 501, "unsupported");
  EXPECT_EQ(get_json("/v1/recipes")["recipes"].size(), builtin_recipes().size());
}

}  // namespace
}  // namespace tintype
