#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "codec/colour/cicp.h"
#include "codec/colour/profile.h"
#include "tests/codec/support/decoding.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/pictures.h"
#include "tests/codec/support/png_writer.h"

namespace tintype {
namespace {

using namespace tintype::testing;

Decoded png_with(ByteView icc, const DecodeOptions& options = {}) {
  return must_decode(write_png(make_plain(4, 4, 255, 0, 0), {.icc = icc}), options);
}

TEST(Colour, AnRgbProfileStaysWithUntouchedPixels) {
  const Bytes icc = p3_profile();
  const Decoded decoded = png_with(icc);
  EXPECT_EQ(as_text(decoded.metadata.icc), as_text(icc));
  EXPECT_FALSE(decoded.metadata.icc_is_srgb);
  EXPECT_TRUE(equal(decoded.image, make_plain(4, 4, 255, 0, 0)));
  EXPECT_TRUE(decoded.warnings.empty());
}

TEST(Colour, AnSrgbProfileIsKnownAsSuch) {
  const Decoded decoded = png_with(srgb_profile());
  EXPECT_FALSE(decoded.metadata.icc.empty());
  EXPECT_TRUE(decoded.metadata.icc_is_srgb);
}

TEST(Colour, PixelsBecomeSrgbWhenAsked) {
  // By the matrices of both spaces, Display P3's (200, 100, 100) is sRGB (215, 93, 97).
  const Bytes icc = p3_profile();
  const Bytes file = write_png(make_plain(4, 4, 200, 100, 100), {.icc = icc});
  const Decoded decoded = must_decode(file, {.to_srgb = true});
  EXPECT_TRUE(decoded.metadata.icc.empty());
  EXPECT_NEAR(decoded.image.row(1)[0], 215, 2);
  EXPECT_NEAR(decoded.image.row(1)[1], 93, 2);
  EXPECT_NEAR(decoded.image.row(1)[2], 97, 2);
  const Image gray = must_decode(write_png(make_plain(4, 4, 119, 119, 119), {.icc = icc}), {.to_srgb = true}).image;
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(gray.row(2)[c], 119, 1);
}

TEST(Colour, AProfileTooLargeToCarryIsApplied) {
  Bytes large(kMaxCarriedProfileBytes + 4);
  const Bytes icc = p3_profile();
  std::ranges::copy(icc.view(), large.data());
  const std::uint8_t size[] = {0, 1, 0, 4};  // as its header has it
  std::ranges::copy(size, large.data());
  const Image picture = make_plain(16, 16, 200, 100, 100);
  for (const Bytes& file : {write_png(picture, {.icc = large}), write_jpeg(picture, {.icc = large})}) {
    const Decoded decoded = must_decode(file);
    EXPECT_TRUE(decoded.metadata.icc.empty());
    EXPECT_NEAR(decoded.image.row(1)[0], 215, 3);
    EXPECT_NEAR(decoded.image.row(1)[1], 93, 3);
  }
}

TEST(Colour, AProfileCarriesNoMoreAndNoLessThanItsHeaderNames) {
  const Bytes icc = p3_profile();
  Bytes padded(icc.size() + 100);
  std::ranges::fill(padded.mutable_view(), std::uint8_t{0});
  std::ranges::copy(icc.view(), padded.data());
  const Image picture = make_picture(32, 32);
  EXPECT_EQ(as_text(must_decode(write_jpeg(picture, {.icc = padded})).metadata.icc), as_text(icc));
  padded.data()[0] = 1;  // 16 MB and more
  const Decoded cut = must_decode(write_jpeg(picture, {.icc = padded}));
  EXPECT_TRUE(cut.metadata.icc.empty());
  EXPECT_TRUE(warns_of(cut, "it is cut"));
}

TEST(Colour, AlphaIsNotConverted) {
  const Image picture = make_picture(40, 20, 4);
  const Bytes icc = p3_profile();
  const Image converted =
      must_decode(write_png(picture, {.colour = PngColour::kRgba, .icc = icc}), {.to_srgb = true}).image;
  for (std::uint32_t x = 0; x < 40; ++x) EXPECT_EQ(converted.row(3)[x * 4 + 3], picture.row(3)[x * 4 + 3]);
}

TEST(Colour, AGrayProfileIsAppliedAndDropped) {
  const Bytes icc = linear_gray_profile();
  const Decoded decoded =
      must_decode(write_png(make_plain(4, 4, 55, 55, 55), {.colour = PngColour::kGray, .icc = icc}));
  EXPECT_TRUE(decoded.metadata.icc.empty());
  // 55 / 255 of linear light, on sRGB's curve.
  const double expected = 255 * (1.055 * std::pow(55 / 255.0, 1 / 2.4) - 0.055);
  EXPECT_NEAR(decoded.image.row(1)[0], expected, 1.5);
  EXPECT_EQ(decoded.image.row(1)[0], decoded.image.row(1)[2]);
}

TEST(Colour, BrokenAndWrongProfilesAreLeftOutWithAWarning) {
  const std::vector<std::uint8_t> garbage(700, 0x55);
  const Image picture = make_picture(32, 32);
  for (const ByteView icc : {ByteView(garbage), ByteView()}) {
    const Bytes gray = linear_gray_profile();
    const Decoded decoded = must_decode(write_jpeg(picture, {.icc = icc.empty() ? gray.view() : icc}));
    EXPECT_TRUE(decoded.metadata.icc.empty());
    EXPECT_TRUE(warns_of(decoded, "colour profile is left out"));
  }
}

TEST(Colour, APieceOfAProfileMissingIsAWarning) {
  const Bytes icc = p3_profile();
  Bytes file = write_jpeg(make_picture(32, 32), {.icc = icc});
  const std::size_t at = as_text(file).find("ICC_PROFILE");
  file.data()[at + 12] = 2;  // piece 2
  file.data()[at + 13] = 2;  // of 2
  const Decoded decoded = must_decode(file);
  EXPECT_TRUE(decoded.metadata.icc.empty());
  EXPECT_TRUE(warns_of(decoded, "pieces do not make a whole"));
}

TEST(Cicp, KnowsSrgbAndRefusesWhatEightBitsCannotShow) {
  EXPECT_TRUE(profile_from_cicp(1, 13)->empty());
  EXPECT_TRUE(profile_from_cicp(2, 2)->empty());
  EXPECT_FALSE(profile_from_cicp(9, 1)->empty());
  EXPECT_FALSE(profile_from_cicp(1, 8)->empty()) << "linear light is not sRGB";
  EXPECT_EQ(profile_from_cicp(9, 16).error().code, ErrorCode::kUnsupportedImage);
  EXPECT_EQ(profile_from_cicp(22, 13).error().code, ErrorCode::kUnsupportedImage);
  EXPECT_EQ(profile_from_cicp(1, 200).error().code, ErrorCode::kUnsupportedImage);
}

}  // namespace
}  // namespace tintype
