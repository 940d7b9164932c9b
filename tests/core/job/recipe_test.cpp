#include "core/job/recipe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace tintype {
namespace {

TEST(RecipeTest, WebIsTheLadderItPromises) {
  const Recipe& web = builtin_recipes().front();
  EXPECT_EQ(web.name, "web");
  std::vector<std::string> names;
  for (const Rung& rung : web.rungs) {
    names.push_back(rung.name());
    const bool is_webp = rung.format == ImageFormat::kWebp;
    EXPECT_EQ(rung.quality, is_webp ? 75 : 48);
    EXPECT_EQ(rung.effort, is_webp ? 4 : 3);
    EXPECT_EQ(rung.encoder, is_webp ? Encoder::kTintype : Encoder::kAom);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"2048.webp", "2048.avif", "1024.webp", "1024.avif", "512.webp", "512.avif",
                                             "256.webp", "256.avif"}));
  EXPECT_TRUE(web.metadata.colour_profile);
  EXPECT_TRUE(web.metadata.date);
  EXPECT_FALSE(web.metadata.gps);
  EXPECT_EQ(web.damaged, DamagedPolicy::kRefuse);
}

TEST(RecipeTest, WebWebpIsTheSameLadderInWebpAlone) {
  const Recipe& recipe = builtin_recipes().at(1);
  EXPECT_EQ(recipe.name, "web-webp");
  ASSERT_EQ(recipe.rungs.size(), 4u);
  for (const Rung& rung : recipe.rungs) {
    EXPECT_EQ(rung.format, ImageFormat::kWebp);
    EXPECT_TRUE(std::ranges::contains(builtin_recipes().front().rungs, rung));
  }
}

TEST(RecipeTest, TheOwnSizeIsCalledFull) {
  EXPECT_EQ((Rung{0, ImageFormat::kAvif, 60, 3, Encoder::kAom}).name(), "full.avif");
  EXPECT_EQ((Rung{7, ImageFormat::kWebp, 60, 3, Encoder::kLibwebp}).name(), "7.webp");
}

TEST(RecipeTest, EncodersComeBackFromTheirNames) {
  for (Encoder encoder : {Encoder::kTintype, Encoder::kLibwebp, Encoder::kAom}) {
    EXPECT_EQ(parse_encoder(encoder_name(encoder)).value(), encoder);
  }
  EXPECT_FALSE(parse_encoder("x264"));
}

TEST(RecipeTest, AScoreAndItsBoundsAreInTheVersion) {
  Recipe scored = builtin_recipes().front();
  scored.rungs[0].target = QualityTarget{};
  std::set<std::string> versions = {builtin_recipes().front().version(), scored.version()};
  std::vector<Recipe> changed(7, scored);
  changed[0].rungs[0].target->score = 71;
  changed[1].rungs[0].target->below = 0.4;
  changed[2].rungs[0].target->above = 1;
  changed[3].rungs[0].target->lowest_quality = 6;
  changed[4].rungs[0].target->highest_quality = 97;
  changed[5].rungs[0].target->max_probes = 5;
  changed[6].rungs[0].is_best = true;
  for (const Recipe& recipe : changed) versions.insert(recipe.version());
  EXPECT_EQ(versions.size(), changed.size() + 2);
}

TEST(RecipeTest, TheVersionIsOverWhatTheRecipeSays) {
  const Recipe web = builtin_recipes().front();
  EXPECT_EQ(web.version().size(), 16u);
  EXPECT_EQ(web.version().find_first_not_of("0123456789abcdef"), std::string::npos);

  Recipe renamed = web;
  renamed.name = "other";
  EXPECT_EQ(renamed.version(), web.version());
  Recipe reordered = web;
  std::ranges::reverse(reordered.rungs);
  EXPECT_EQ(reordered.version(), web.version());

  std::vector<Recipe> changed(11, web);
  changed[0].rungs[3].quality = 61;
  changed[1].rungs[3].effort = 4;
  changed[2].rungs[3].long_side_px = 1025;
  changed[3].rungs[3].encoder = Encoder::kLibwebp;
  changed[4].rungs[3].format = ImageFormat::kWebp;
  changed[5].rungs.pop_back();
  changed[6].metadata.colour_profile = false;
  changed[7].metadata.date = false;
  changed[8].metadata.gps = true;
  changed[9].metadata.camera = true;
  changed[10].damaged = DamagedPolicy::kKeep;
  std::set<std::string> versions = {web.version()};
  for (const Recipe& recipe : changed) versions.insert(recipe.version());
  EXPECT_EQ(versions.size(), changed.size() + 1);
}

// A version that moves would make every photo of every farm incomplete.
TEST(RecipeTest, TheVersionsOfTheBuiltInRecipesStandStill) {
  EXPECT_EQ(builtin_recipes()[0].version(), "25b6edc4a5e9bab0");
  EXPECT_EQ(builtin_recipes()[1].version(), "a0d9bdb5a954f89b");
}

}  // namespace
}  // namespace tintype
