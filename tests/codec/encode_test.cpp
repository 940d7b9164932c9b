#include "codec/encode.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/probe.h"
#include "tests/codec/support/decoding.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/judge.h"
#include "tests/codec/support/pictures.h"

namespace tintype {
namespace {

using namespace tintype::testing;

constexpr EncodeOptions kWebp{.format = ImageFormat::kWebp, .encoder = Encoder::kLibwebp, .quality = 85, .effort = 4};
constexpr EncodeOptions kAom{.format = ImageFormat::kAvif, .encoder = Encoder::kAom, .quality = 75, .effort = 2};

Bytes must_encode(const Image& image, const EncodeOptions& options, ByteView icc = {}, ByteView exif = {}) {
  Result<Bytes> file = encode(image, options, icc, exif);
  EXPECT_TRUE(file) << (file ? "" : file.error().to_string());
  return file ? std::move(*file) : Bytes();
}

class EncodeWebp : public ::testing::TestWithParam<Encoder> {
 protected:
  EncodeOptions webp() const {
    EncodeOptions options = kWebp;
    options.encoder = GetParam();
    return options;
  }
};

TEST_P(EncodeWebp, TheJudgeSeesThePicture) {
  for (const auto& [width, height] : {std::pair{1u, 1u}, {17u, 3u}, {160u, 121u}}) {
    const Image picture = make_picture(width, height);
    const std::optional<Image> judged = judge(must_encode(picture, webp()));
    ASSERT_TRUE(judged);
    EXPECT_GT(psnr(*judged, picture), width < 20 ? 22 : 32) << width << " x " << height;
  }
}

TEST_P(EncodeWebp, AlphaAndChunksAreThere) {
  const Image picture = make_picture(64, 48, 4);
  const Bytes icc = p3_profile(), exif = exif_with_orientation(1);
  const Bytes file = must_encode(picture, webp(), icc, exif);
  const Decoded decoded = must_decode(file);
  EXPECT_EQ(as_text(decoded.metadata.icc), as_text(icc));
  EXPECT_NE(as_text(file).find(as_text(exif)), std::string_view::npos);
  ASSERT_EQ(decoded.image.channels, 4u);
  EXPECT_NEAR(decoded.image.row(20)[20 * 4 + 3], picture.row(20)[20 * 4 + 3], 3);
}

TEST_P(EncodeWebp, WithoutChunksItIsASimpleFile) {
  const Bytes file = must_encode(make_picture(64, 48), webp());
  EXPECT_EQ(as_text(file).substr(8, 8), "WEBPVP8 ");
}

TEST_P(EncodeWebp, HigherQualityIsMoreBytesAndEffortCounts) {
  const Image picture = make_picture(256, 256);
  EncodeOptions better = webp();
  better.quality = 98;
  EXPECT_GT(must_encode(picture, better).size(), must_encode(picture, webp()).size());
  EncodeOptions lazy = webp();
  lazy.effort = 0;
  EXPECT_NE(as_text(must_encode(picture, lazy)), as_text(must_encode(picture, webp())));
}

INSTANTIATE_TEST_SUITE_P(Encoders, EncodeWebp, ::testing::Values(Encoder::kLibwebp, Encoder::kTintype),
                         [](const auto& its) { return std::string(encoder_name(its.param)); });

TEST(EncodeAvif, AvifdecSeesThePictureInItsColours) {
  if (!avifdec_is_there()) GTEST_SKIP() << "avifdec is not installed";
  for (const auto& [width, height] : {std::pair{96u, 64u}, {160u, 122u}, {33u, 7u}}) {
    const Image picture = make_picture(width, height);
    const std::optional<Image> judged = judge_avif(must_encode(picture, kAom));
    ASSERT_TRUE(judged);
    EXPECT_GT(psnr(*judged, picture), 32);
  }
  for (const auto& [r, g, b] : {std::tuple{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}, {0, 0, 0}}) {
    const Image plain =
        make_plain(64, 64, static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g), static_cast<std::uint8_t>(b));
    const std::optional<Image> judged = judge_avif(must_encode(plain, kAom));
    ASSERT_TRUE(judged);
    EXPECT_GT(psnr(*judged, plain), 34) << r << " " << g << " " << b;
  }
}

// Left to itself, libaom takes it for a screen at speed 8, and palettes make it fourteen times as large.
TEST(EncodeAvif, QuietColoursAreNoScreenAtAnyEffort) {
  Image slope = Image::allocate(512, 512, 3);
  for (std::uint32_t y = 0; y < slope.height; ++y) {
    for (std::uint32_t x = 0; x < slope.width; ++x) {
      const std::uint32_t dither = (x * 0x9e3779b1u ^ y * 0x85ebca6bu) * 0xc2b2ae35u >> 31;
      std::fill_n(slope.row(y) + std::size_t{x} * 3, 3, static_cast<std::uint8_t>(100 + (x + y) / 24 + dither));
    }
  }
  EncodeOptions options = kAom;
  options.effort = 1;
  const std::size_t at_speed_9 = must_encode(slope, options).size();
  options.effort = 2;
  EXPECT_LT(must_encode(slope, options).size(), 2 * at_speed_9);
}

TEST(EncodeAvif, SmallAndOddSizes) {
  for (const auto& [width, height] : {std::pair{1u, 1u}, {7u, 5u}, {33u, 1u}}) {
    const Image picture = make_picture(width, height);
    const Decoded decoded = must_decode(must_encode(picture, kAom));
    EXPECT_EQ(decoded.image.width, width);
    EXPECT_EQ(decoded.image.height, height);
    EXPECT_GT(psnr(decoded.image, picture), 20) << width << " x " << height;
  }
}

TEST(EncodeAvif, AlphaProfileAndExifAreThere) {
  const Image picture = make_picture(96, 64, 4);
  const Bytes icc = p3_profile(), exif = exif_with_orientation(1);
  const Bytes file = must_encode(picture, kAom, icc, exif);
  const Decoded decoded = must_decode(file);
  EXPECT_EQ(as_text(decoded.metadata.icc), as_text(icc));
  EXPECT_NE(as_text(file).find(as_text(exif)), std::string_view::npos);
  ASSERT_EQ(decoded.image.channels, 4u);
  EXPECT_NEAR(decoded.image.row(20)[20 * 4 + 3], picture.row(20)[20 * 4 + 3], 6);
}

TEST(EncodeAvif, TheSameRequestGivesTheSameBytes) {
  const Image picture = make_picture(160, 96);
  EXPECT_EQ(as_text(must_encode(picture, kAom)), as_text(must_encode(picture, kAom)));
}

TEST(Encode, RefusesWhatAFormatCannotHold) {
  const auto code = [](const Image& image, const EncodeOptions& options) {
    const Result<Bytes> file = encode(image, options, {}, {});
    EXPECT_FALSE(file);
    return file ? ErrorCode::kInternal : file.error().code;
  };
  const Image small = make_picture(8, 8);
  EXPECT_EQ(code(make_picture(16384, 1), kWebp), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(small, {.format = ImageFormat::kWebp, .encoder = Encoder::kAom}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(small, {.format = ImageFormat::kJpeg, .encoder = Encoder::kLibwebp}), ErrorCode::kInvalidArgument);
  EncodeOptions bad = kWebp;
  bad.effort = 9;
  EXPECT_EQ(code(small, bad), ErrorCode::kInvalidArgument);
  bad.encoder = Encoder::kTintype;
  EXPECT_EQ(code(small, bad), ErrorCode::kInvalidArgument);
  bad.effort = 4;
  EXPECT_EQ(code(make_picture(16384, 1), bad), ErrorCode::kInvalidArgument);
  bad = kAom;
  bad.quality = 101;
  EXPECT_EQ(code(small, bad), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(Image{}, kWebp), ErrorCode::kInvalidArgument);
}

TEST(Encode, BuildsAreNamedWithTheirVersions) {
  EXPECT_TRUE(encoder_build(Encoder::kLibwebp).starts_with("libwebp 1."));
  EXPECT_TRUE(encoder_build(Encoder::kTintype).starts_with("tintype vp8 "));
  const std::string aom = encoder_build(Encoder::kAom);
  EXPECT_TRUE(aom.starts_with("aom 3.")) << aom;
  EXPECT_NE(aom.find("(libavif 1."), std::string::npos) << aom;
}

}  // namespace
}  // namespace tintype
