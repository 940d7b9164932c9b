#include "core/quality/sample_tiles.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tintype {
namespace {

TEST(SampleTiles, LieInThePictureOnBlocksAndAreAnEighthOfIt) {
  for (const auto& [width, height] : {std::pair{2048u, 1365u}, {1365u, 2048u}, {1024u, 683u}, {1920u, 400u}, {900u, 901u}}) {
    const SamplePlan plan = plan_sample(width, height);
    ASSERT_FALSE(plan.tiles.empty()) << width << " x " << height;
    EXPECT_EQ(plan.tiles.size(), std::size_t{plan.columns} * plan.rows);
    for (const SampleTile& tile : plan.tiles) {
      EXPECT_LE(tile.x + SamplePlan::kTileSide, width);
      EXPECT_LE(tile.y + SamplePlan::kTileSide, height);
      EXPECT_EQ(tile.x % 16 + tile.y % 16, 0u);
    }
    EXPECT_LE(double(plan.width()) * plan.height(), 0.13 * width * height);
    EXPECT_GE(double(plan.width()) * plan.height(), 0.05 * width * height);
  }
}

TEST(SampleTiles, AreSpreadOverThePicture) {
  const SamplePlan plan = plan_sample(2048, 1365);
  const auto in = [&](bool right, bool low) {
    return std::ranges::count_if(plan.tiles, [&](const SampleTile& tile) {
      return (tile.x + 64 >= 1024) == right && (tile.y + 64 >= 682) == low;
    });
  };
  for (const bool right : {false, true}) {
    for (const bool low : {false, true}) EXPECT_GE(in(right, low), std::ssize(plan.tiles) / 8);
  }
}

TEST(SampleTiles, SmallPicturesAreTriedThemselves) {
  EXPECT_TRUE(plan_sample(8, 8).tiles.empty());
  EXPECT_TRUE(plan_sample(5000, 100).tiles.empty());
  EXPECT_TRUE(plan_sample(500, 500).tiles.empty());
  EXPECT_EQ(plan_sample(12000, 9000).tiles.size(), 36u) << "no more than tells enough";
}

}  // namespace
}  // namespace tintype
