#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "core/job/recipe.h"

namespace tintype {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kRung = "[[rung]]\nlong_side = 100\nformat = \"webp\"\nquality = 75\neffort = 4\n";

TEST(RecipeTomlTest, ReadsTheExampleOfTheHeader) {
  const auto recipe = parse_recipe_toml(R"(
name = "web"
damaged = "keep"               # a comment

[metadata]
colour_profile = true
date = false
gps = true
camera = true

[[rung]]
long_side = 2048
format = "webp"
quality = 75
effort = 4
encoder = "libwebp"

[[rung]]
long_side = 0
format = "avif"
quality = 60
effort = 10
encoder = "aom"
)");
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->name, "web");
  EXPECT_EQ(recipe->damaged, DamagedPolicy::kKeep);
  EXPECT_EQ(recipe->metadata, (MetadataPolicy{.colour_profile = true, .date = false, .gps = true, .camera = true}));
  EXPECT_EQ(recipe->rungs, (std::vector<Rung>{{2048, ImageFormat::kWebp, 75, 4, Encoder::kLibwebp},
                                              {0, ImageFormat::kAvif, 60, 10, Encoder::kAom}}));
}

TEST(RecipeTomlTest, WhatIsLeftOutHasItsDefault) {
  const auto recipe =
      parse_recipe_toml("name = \"a\"\n[[rung]]\nlong_side = 10\nformat = \"avif\"\nquality = 1\neffort = 0\n");
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->metadata, MetadataPolicy());
  EXPECT_EQ(recipe->damaged, DamagedPolicy::kRefuse);
  EXPECT_EQ(recipe->rungs[0].encoder, Encoder::kAom);
}

TEST(RecipeTomlTest, WebpIsMadeByOurOwnEncoderUnlessItIsSaidOtherwise) {
  const std::string rung = "name = \"a\"\n[[rung]]\nlong_side = 10\nformat = \"webp\"\nquality = 1\n";
  EXPECT_EQ(parse_recipe_toml(rung)->rungs[0].encoder, Encoder::kTintype);
  EXPECT_EQ(parse_recipe_toml(rung + "encoder = \"libwebp\"\n")->rungs[0].encoder, Encoder::kLibwebp);
}

TEST(RecipeTomlTest, AnEffortThatIsLeftOutStaysLeftOut) {
  const auto recipe = parse_recipe_toml("name = \"a\"\n[[rung]]\nlong_side = 10\nformat = \"avif\"\nquality = 1\n");
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->rungs[0].effort, kEffortByClass);
  EXPECT_EQ(to_toml(*recipe).find("effort"), std::string::npos);
  EXPECT_EQ(parse_recipe_toml(to_toml(*recipe))->rungs, recipe->rungs);
}

TEST(RecipeTomlTest, EveryMistakeIsNamedWithItsLine) {
  const struct {
    std::string text;
    std::string_view message;
  } cases[] = {
      {"name = \"a\"\nnmae = 1\n", "line 2: nmae is unknown; known are name, damaged, metadata, rung"},
      {"\nname = 7\n", "line 2: name must be a text in quotes"},
      {"name = \"A b\"\n" + std::string(kRung), "line 1: name must be 1 to 40 characters of a-z, 0-9 and -"},
      {std::string(kRung), "line 1: name is missing"},
      {"name = \"a\"\n", "line 1: rung must come 1 to 32 times, not 0"},
      {"name = \"a\"\nrung = 3\n", "line 2: rung must be tables: [[rung]]"},
      {"name = \"a\"\nrung = [1]\n", "line 2: rung must be tables: [[rung]]"},
      {"name = \"a\"\nmetadata = true\n", "line 2: metadata must be a table: [metadata]"},
      {"name = \"a\"\n[metadata]\ngps = \"no\"\n", "line 3: metadata: gps must be true or false"},
      {"name = \"a\"\n[metadata]\nlens = true\n", "line 3: metadata: lens is unknown"},
      {"name = \"a\"\ndamaged = \"mend\"\n", "line 2: damaged must be \"refuse\" or \"keep\""},
      {"name = \"a\"\n[[rung]]\nlong_side = -1\n", "line 3: rung 1: long_side must be a whole number from 0 to 65535"},
      {"name = \"a\"\n[[rung]]\nlong_side = 70000\n", "line 3: rung 1: long_side must be a whole number"},
      {"name = \"a\"\n[[rung]]\nlong_side = 4294967296\n", "line 3: rung 1: long_side must be a whole number"},
      {"name = \"a\"\n[[rung]]\nlong_side = 10.0\n", "line 3: rung 1: long_side must be a whole number"},
      {"name = \"a\"\n[[rung]]\nformat = \"webp\"\n", "line 2: rung 1: long_side is missing"},
      {"name = \"a\"\n[[rung]]\nlong_side = 1\nformat = \"jpeg\"\n",
       "line 4: rung 1: format must be \"webp\", \"avif\" or \"best\""},
      {"name = \"a\"\n[[rung]]\nlong_side = 1\nformat = \"webp\"\nquality = \"ssim:70\"\n",
       "line 5: rung 1: quality \"ssim:70\" is no quality: write a number, or a score such as \"ssimulacra2:70\""},
      {"name = \"a\"\n[[rung]]\nlong_side = 1\nformat = \"webp\"\nquality = \"ssimulacra2:99\"\n",
       "line 5: rung 1: quality a score to aim at is 10 to 95, not 99"},
      {"name = \"a\"\n[[rung]]\nlong_side = 1\nformat = \"webp\"\nquality = 70\nscore_above = 2\n",
       "line 6: rung 1: score_above needs a score: quality = \"ssimulacra2:70\""},
      {"name = \"a\"\n[[rung]]\nlong_side = 1\nformat = \"webp\"\nquality = \"ssimulacra2:70\"\nscore_below = "
       "\"much\"\n",
       "line 6: rung 1: score_below must be a number"},
      {"name = \"a\"\n[[rung]]\nlong_side = 1\nformat = \"webp\"\nquality = \"ssimulacra2:70\"\nscore_above = 0.1\n",
       "line 5: rung 1: quality a score's tolerances (0.3 below, 0.1 above) must leave 0.5 together"},
      {"name = \"a\"\n[[rung]]\nlong_side = 1\nformat = \"webp\"\nquality = \"ssimulacra2:70\"\nmax_encodes = 13\n",
       "line 6: rung 1: max_encodes must be a whole number from 1 to 12"},
      {"name = \"a\"\n[[rung]]\nlong_side = 1\nformat = \"webp\"\nquality = \"ssimulacra2:70\"\nlowest_quality = "
       "90\nhighest_quality = 80\n",
       "line 5: rung 1: quality the bounds of quality must be 0 to 100 in order, not 90 to 80"},
      {"name = \"a\"\n[[rung]]\nlong_side = 1\nformat = \"best\"\nquality = 70\n",
       "line 5: rung 1: quality of format \"best\" must be a score, such as \"ssimulacra2:70\""},
      {"name = \"a\"\n[[rung]]\nlong_side = 1\nformat = \"best\"\nquality = \"ssimulacra2:70\"\neffort = 4\n",
       "line 6: rung 1: effort is each format's own: leave it out with format \"best\""},
      {"name = \"a\"\n[[rung]]\nlong_side = 1\nformat = \"best\"\nquality = \"ssimulacra2:70\"\nencoder = \"aom\"\n",
       "line 6: rung 1: encoder is each format's own: leave it out with format \"best\""},
      {"name = \"a\"\n[[rung]]\nlong_side = 1\nformat = \"webp\"\nquality = 101\n",
       "line 5: rung 1: quality must be a whole number from 0 to 100"},
      {"name = \"a\"\n[[rung]]\nlong_side = 1\nformat = \"webp\"\nquality = 1\neffort = 7\n",
       "line 6: rung 1: effort must be a whole number from 0 to 6"},
      {"name = \"a\"\n[[rung]]\nlong_side = 1\nformat = \"avif\"\nquality = 1\neffort = 11\n",
       "line 6: rung 1: effort must be a whole number from 0 to 10"},
      {"name = \"a\"\n" + std::string(kRung) + "encoder = \"aom\"\n",
       "line 7: rung 1: encoder \"aom\" does not make webp"},
      {"name = \"a\"\n" + std::string(kRung) + "encoder = \"x264\"\n", "line 7: rung 1: encoder must be"},
      {"name = \"a\"\n" + std::string(kRung) + "speed = 4\n", "line 7: rung 1: speed is unknown"},
      {"name = \"a\"\n" + std::string(kRung) + std::string(kRung),
       "line 8: rung 2: long_side and format make a second \"100.webp\""},
      {"name = \"a\"\nname = \"b\"\n", "line 2: TOML cannot be read:"},
      {"name = \"a\n", "line 1: TOML cannot be read:"},
      {"name = \"a\"\n[{rung]]\n", "line 2: TOML cannot be read:"},  // found by fuzzing: an assertion of toml++
      {"name = \u0413\n", "line 1: TOML cannot be read:"},           // found by fuzzing: undefined behaviour in toml++
      {"name = \"gr\u00fcn\"\n" + std::string(kRung), "line 1: name must be 1 to 40 characters"},
      {"\xff\xfe", "line 1: TOML cannot be read:"},
  };
  for (const auto& [text, message] : cases) {
    const auto recipe = parse_recipe_toml(text);
    ASSERT_FALSE(recipe) << text;
    EXPECT_EQ(recipe.error().code, ErrorCode::kInvalidArgument) << text;
    EXPECT_THAT(recipe.error().message, HasSubstr(message)) << text;
  }
}

TEST(RecipeTomlTest, CommentsMayBeInAnyLanguage) {
  const auto recipe =
      parse_recipe_toml("\uFEFF# f\u00fcr \u0413\u3000\nname = \"a\" # \U0001F4F7\n" + std::string(kRung));
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->name, "a");
}

TEST(RecipeTomlTest, ThirtyTwoRungsAreTheMost) {
  std::string text = "name = \"a\"\n";
  for (int i = 1; i <= 32; ++i) {
    text += "[[rung]]\nlong_side = " + std::to_string(i) + "\nformat = \"webp\"\nquality = 1\neffort = 1\n";
  }
  EXPECT_TRUE(parse_recipe_toml(text));
  EXPECT_FALSE(parse_recipe_toml(text + std::string(kRung)));
}

TEST(RecipeTomlTest, ARungMayAskForAScore) {
  const auto recipe = parse_recipe_toml(R"(
name = "scored"
[[rung]]
long_side = 1024
format = "avif"
quality = "ssimulacra2:72.5"
score_below = 0.5
score_above = 1
lowest_quality = 20
highest_quality = 90
max_encodes = 4
effort = 3
[[rung]]
long_side = 0
format = "best"
quality = "ssimulacra2:80"
)");
  ASSERT_TRUE(recipe) << recipe.error().message;
  const Rung& avif = recipe->rungs[0];
  EXPECT_EQ(
      avif.target,
      (QualityTarget{
          .score = 72.5, .below = 0.5, .above = 1, .lowest_quality = 20, .highest_quality = 90, .max_probes = 4}));
  EXPECT_EQ(avif.quality_text(), "ssimulacra2:72.5");
  EXPECT_EQ(avif.name(), "1024.avif");
  const Rung& best = recipe->rungs[1];
  EXPECT_TRUE(best.is_best);
  EXPECT_EQ(best.target, (QualityTarget{.score = 80}));
  EXPECT_EQ(best.name(), "full.best");
  EXPECT_EQ(parse_recipe_toml(to_toml(*recipe)).value(), *recipe);
}

TEST(RecipeTomlTest, WrittenRecipesComeBack) {
  for (const Recipe& recipe : builtin_recipes()) {
    EXPECT_EQ(parse_recipe_toml(to_toml(recipe)).value(), recipe);
  }
  std::mt19937 random(4);
  const auto any = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
  for (int round = 0; round < 300; ++round) {
    Recipe recipe;
    recipe.name = "r-" + std::to_string(round);
    recipe.damaged = any(0, 1) ? DamagedPolicy::kKeep : DamagedPolicy::kRefuse;
    recipe.metadata = {any(0, 1) == 1, any(0, 1) == 1, any(0, 1) == 1, any(0, 1) == 1};
    const int count = any(1, 32);
    for (int i = 0; i < count; ++i) {
      const bool is_webp = any(0, 1) == 1;
      recipe.rungs.push_back({static_cast<std::uint32_t>(i * 2000 + any(0, 1999)),
                              is_webp ? ImageFormat::kWebp : ImageFormat::kAvif, any(0, 100), any(0, is_webp ? 6 : 10),
                              is_webp ? Encoder::kLibwebp : Encoder::kAom});
    }
    const auto again = parse_recipe_toml(to_toml(recipe));
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(*again, recipe);
    ASSERT_EQ(again->version(), recipe.version());
  }
}

TEST(RecipeTomlTest, DeepNestingIsAnError) { EXPECT_FALSE(parse_recipe_toml("name = " + std::string(100'000, '['))); }

}  // namespace
}  // namespace tintype
