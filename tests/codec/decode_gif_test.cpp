#include <gtest/gtest.h>

#include <cstring>

#include "tests/codec/support/decoding.h"
#include "tests/codec/support/gif_writer.h"
#include "tests/codec/support/pictures.h"

namespace tintype {
namespace {

using namespace tintype::testing;

TEST(DecodeGif, Exactly) {
  const Image picture = with_six_levels(make_picture(61, 45));
  for (const bool interlaced : {false, true})
    EXPECT_TRUE(equal(must_decode(write_gif(picture, {.interlaced = interlaced})).image, picture)) << interlaced;
}

TEST(DecodeGif, AFrameStandsWhereItBelongsAndTheRestIsTransparent) {
  const Image picture = with_six_levels(make_picture(20, 10));
  const Image image =
      must_decode(write_gif(picture, {.screen_width = 50, .screen_height = 30, .left = 7, .top = 5})).image;
  ASSERT_EQ(image.width, 50u);
  ASSERT_EQ(image.height, 30u);
  ASSERT_EQ(image.channels, 4u);
  EXPECT_EQ(image.row(0)[3], 0);
  EXPECT_EQ(image.row(5)[7 * 4 + 3], 255);
  EXPECT_EQ(std::memcmp(image.row(5) + 7 * 4, picture.row(0), 3), 0);
  EXPECT_EQ(image.row(15)[7 * 4 + 3], 0);
}

TEST(DecodeGif, AFramePastTheScreenIsClipped) {
  const Image picture = with_six_levels(make_picture(20, 10));
  const Image image =
      must_decode(write_gif(picture, {.screen_width = 12, .screen_height = 6, .left = 4, .top = 2})).image;
  ASSERT_EQ(image.width, 12u);
  EXPECT_EQ(std::memcmp(image.row(5) + 11 * 4, picture.row(3) + 7 * 3, 3), 0);
}

TEST(DecodeGif, TheTransparentColourIs) {
  Image picture = make_plain(8, 8, 255, 0, 0);
  std::memset(picture.row(4), 0, 3);
  const Image image = must_decode(write_gif(picture, {.transparent = true})).image;
  ASSERT_EQ(image.channels, 4u);
  EXPECT_EQ(image.row(4)[3], 0);
  EXPECT_EQ(image.row(4)[7], 255);
}

TEST(DecodeGif, OnlyTheFirstFrameIsUsed) {
  const Image picture = with_six_levels(make_picture(16, 16));
  const Decoded decoded = must_decode(write_gif(picture, {.frames = 3}));
  EXPECT_TRUE(equal(decoded.image, picture));
  EXPECT_TRUE(warns_of(decoded, "3 frames"));
}

TEST(DecodeGif, CutsAreTruncation) {
  const Image picture = with_six_levels(make_picture(64, 64));
  const Bytes still = write_gif(picture), animated = write_gif(picture, {.frames = 3});
  EXPECT_EQ(refusal_of(still.view().first(still.size() - 30)), ErrorCode::kTruncatedImage);
  EXPECT_EQ(refusal_of(animated.view().first(animated.size() - 30)), ErrorCode::kTruncatedImage);
  EXPECT_TRUE(equal(must_decode(animated.view().first(animated.size() - 30), {.damaged = DamagedPolicy::kKeep}).image,
                    picture));
  EXPECT_TRUE(warns_of(must_decode(still.view().first(still.size() - 1)), "end marker is missing"));
}

TEST(DecodeGif, MissingLinesOfAKeptFileAreGray) {
  const Image picture = with_six_levels(make_picture(64, 64));
  const Bytes file = write_gif(picture);
  const Image kept =
      must_decode(file.view().first(file.size() - file.size() / 4), {.damaged = DamagedPolicy::kKeep}).image;
  EXPECT_EQ(std::memcmp(kept.row(0), picture.row(0), kept.stride_bytes), 0);
  EXPECT_EQ(kept.row(63)[0], 0x80);
}

}  // namespace
}  // namespace tintype
