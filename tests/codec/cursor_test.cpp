#include "codec/cursor.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

TEST(Cursor, ReadsBothByteOrders) {
  const std::uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  Cursor big(bytes);
  EXPECT_EQ(big.u8(), 1);
  EXPECT_EQ(big.u16be(), 0x0203);
  EXPECT_EQ(big.u32be(), 0x04050607u);
  Cursor little(bytes);
  EXPECT_EQ(little.u16le(), 0x0201);
  EXPECT_EQ(little.u24le(), 0x050403u);
  EXPECT_EQ(little.u32le(), 0x09080706u);
  EXPECT_EQ(little.position(), 9u);
  EXPECT_FALSE(little.failed());
}

TEST(Cursor, AReadPastTheEndFailsForGood) {
  const std::uint8_t bytes[] = {1, 2, 3};
  Cursor in(bytes);
  EXPECT_EQ(in.u32be(), 0u);
  EXPECT_TRUE(in.failed());
  EXPECT_TRUE(in.at_end());
  EXPECT_EQ(in.u8(), 0) << "it must not go on with bytes that were there";
  EXPECT_TRUE(in.rest().empty());
}

TEST(Cursor, AnAbsurdSkipDoesNotWrapAround) {
  const std::uint8_t bytes[] = {1, 2, 3};
  Cursor in(bytes);
  in.u8();
  in.skip(~std::uint64_t{0});
  EXPECT_TRUE(in.failed());
  EXPECT_EQ(in.position(), 3u);
}

TEST(Cursor, StartsWithCountsZeros) {
  EXPECT_TRUE(starts_with(as_bytes(std::string_view("Exif\0\0x", 7)), "Exif\0\0"));
  EXPECT_FALSE(starts_with(as_bytes(std::string_view("Exif\0x", 6)), "Exif\0\0"));
}

}  // namespace
}  // namespace tintype
