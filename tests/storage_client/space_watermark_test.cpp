#include "storage_client/embedded/space_watermark.h"

#include <gtest/gtest.h>

namespace tintype::embedded {
namespace {

TEST(SpaceWatermark, ClosesBelowTheLowMarkAndOpensAtTheHighOne) {
  SpaceWatermark mark(100, 150);
  EXPECT_TRUE(mark.allows(120, 0)) << "never closed: the high mark does not matter";
  EXPECT_FALSE(mark.allows(99, 0));
  EXPECT_FALSE(mark.allows(149, 0)) << "still closed";
  EXPECT_TRUE(mark.allows(150, 50));
  EXPECT_TRUE(mark.allows(120, 20));
}

TEST(SpaceWatermark, OneBlobThatIsTooLargeDoesNotClose) {
  SpaceWatermark mark(100, 150);
  EXPECT_FALSE(mark.allows(140, 41));
  EXPECT_TRUE(mark.allows(140, 40));
}

TEST(SpaceWatermark, NoReserveNeverCloses) {
  SpaceWatermark mark(0, 0);
  EXPECT_TRUE(mark.allows(10, 10));
  EXPECT_FALSE(mark.allows(10, 11));
}

}  // namespace
}  // namespace tintype::embedded
