#include "codec/resize.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/codec/support/pictures.h"

namespace tintype {
namespace {

using namespace tintype::testing;

class Resize : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { use_one_thread_per_codec(); }
};

TEST_F(Resize, AveragesWholeAreas) {
  Image image = Image::allocate(4, 2, 3);
  for (std::uint32_t y = 0; y < 2; ++y)
    for (std::uint32_t x = 0; x < 4; ++x) std::memset(image.row(y) + x * 3, static_cast<int>(10 * (4 * y + x)), 3);
  const Image half = *resize(image, 2, 1);
  EXPECT_EQ(half.row(0)[0], 25);  // of 0, 10, 40, 50
  EXPECT_EQ(half.row(0)[3], 45);  // of 20, 30, 60, 70
}

TEST_F(Resize, ASmoothPictureStaysItself) {
  for (const auto& [width, height] : {std::pair{200u, 150u}, {133u, 77u}, {33u, 25u}}) {
    const Image reduced = *resize(make_picture(401, 301), width, height);
    EXPECT_GT(psnr(reduced, make_picture(width, height)), 45) << width;
  }
}

TEST_F(Resize, TheSameSizeIsTheSamePicture) {
  const Image picture = make_picture(40, 30, 4);
  const Image same = *resize(make_picture(40, 30), 40, 30);
  EXPECT_TRUE(equal(same, make_picture(40, 30)));
  EXPECT_EQ(resize(picture, 40, 30)->row(5)[3], picture.row(5)[3]);
}

TEST_F(Resize, TransparentPixelsDoNotBleed) {
  // Left half opaque red, right half invisible green.
  Image image = Image::allocate(8, 4, 4);
  for (std::uint32_t y = 0; y < 4; ++y)
    for (std::uint32_t x = 0; x < 8; ++x) {
      const std::uint8_t red[] = {255, 0, 0, 255}, invisible[] = {0, 255, 0, 0};
      std::memcpy(image.row(y) + x * 4, x < 3 ? red : invisible, 4);
    }
  const Image half = *resize(image, 4, 2);
  const std::uint8_t* edge = half.row(0) + 4;  // one red and one invisible column
  EXPECT_EQ(edge[0], 255);
  EXPECT_EQ(edge[1], 0);
  EXPECT_NEAR(edge[3], 128, 1);
  EXPECT_EQ(half.row(0)[15], 0);
}

TEST_F(Resize, OpaqueAlphaEqualsNoAlpha) {
  Image rgba = make_picture(100, 80, 4);
  for (std::uint32_t y = 0; y < 80; ++y)
    for (std::uint32_t x = 0; x < 100; ++x) rgba.row(y)[x * 4 + 3] = 255;
  EXPECT_TRUE(equal(as_rgb(*resize(rgba, 37, 29)), *resize(as_rgb(rgba), 37, 29)));
}

TEST_F(Resize, NeverEnlarges) {
  const Image picture = make_picture(40, 30);
  for (const auto& [width, height] : {std::pair{41u, 30u}, {40u, 31u}, {0u, 5u}, {5u, 0u}}) {
    const Result<Image> image = resize(picture, width, height);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace tintype
