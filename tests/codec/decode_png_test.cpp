#include <gtest/gtest.h>

#include <vector>

#include "tests/codec/support/decoding.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/judge.h"
#include "tests/codec/support/pictures.h"
#include "tests/codec/support/png_writer.h"

namespace tintype {
namespace {

using namespace tintype::testing;

TEST(DecodePng, EveryColourTypeAndDepthExactly) {
  const Image rgb = make_picture(75, 43), rgba = make_picture(75, 43, 4);
  const Image gray = as_gray(rgb), gray_alpha = as_gray(rgba), levels = with_six_levels(rgb);
  for (const bool interlaced : {false, true})
    for (const int bits : {8, 16}) {
      EXPECT_TRUE(equal(must_decode(write_png(rgb, {.bits = bits, .interlaced = interlaced})).image, rgb));
      EXPECT_TRUE(equal(
          must_decode(write_png(rgba, {.colour = PngColour::kRgba, .bits = bits, .interlaced = interlaced})).image,
          rgba));
      EXPECT_TRUE(equal(
          must_decode(write_png(gray, {.colour = PngColour::kGray, .bits = bits, .interlaced = interlaced})).image,
          gray));
      EXPECT_TRUE(equal(
          must_decode(write_png(gray_alpha, {.colour = PngColour::kGrayAlpha, .bits = bits, .interlaced = interlaced}))
              .image,
          gray_alpha));
      if (bits == 8) {
        EXPECT_TRUE(equal(
            must_decode(write_png(levels, {.colour = PngColour::kPalette, .interlaced = interlaced})).image, levels));
      }
    }
}

TEST(DecodePng, FewBitsOfGrayAsTheJudgeSeesThem) {
  const Image gray = as_gray(make_picture(37, 21));
  for (const int bits : {1, 2, 4}) {
    const Bytes file = write_png(gray, {.colour = PngColour::kGray, .bits = bits});
    const std::optional<Image> judged = judge(file);
    ASSERT_TRUE(judged);
    EXPECT_TRUE(equal(must_decode(file).image, *judged)) << bits;
  }
}

TEST(DecodePng, ATransparentColourBecomesAlpha) {
  const Image plain = make_plain(10, 10, 51, 102, 153);
  for (const PngColour colour : {PngColour::kRgb, PngColour::kGray}) {
    const Image image = must_decode(write_png(plain, {.colour = colour, .transparent_colour = true})).image;
    ASSERT_EQ(image.channels, 4u);
    EXPECT_EQ(image.row(5)[5 * 4 + 3], 0);
  }
  const Image black = make_plain(10, 10, 0, 0, 0);
  const Image from_palette =
      must_decode(write_png(black, {.colour = PngColour::kPalette, .transparent_colour = true})).image;
  ASSERT_EQ(from_palette.channels, 4u);
  EXPECT_EQ(from_palette.row(5)[5 * 4 + 3], 0);
}

TEST(DecodePng, OrientationIsApplied) {
  const Image upright = make_picture(31, 17, 4);
  for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
    const Bytes exif = exif_with_orientation(orientation);
    const Bytes file = write_png(stored_for(orientation, upright), {.colour = PngColour::kRgba, .exif = exif});
    EXPECT_TRUE(equal(must_decode(file).image, upright)) << int{orientation};
  }
}

TEST(DecodePng, AWrongChecksumIsCorruption) {
  const Bytes file = write_png(make_picture(64, 64));
  Bytes bad = Bytes::copy_of(file);
  bad.data()[bad.size() - 12 - 1] ^= 1;  // the last byte of IDAT's checksum, before IEND's 12 bytes
  EXPECT_EQ(refusal_of(bad), ErrorCode::kCorruptImage);
  const Decoded kept = must_decode(bad, {.damaged = DamagedPolicy::kKeep});
  EXPECT_TRUE(equal(kept.image, must_decode(file).image));
  EXPECT_TRUE(warns_of(kept, "checksum"));
}

TEST(DecodePng, WrongDataAreCorruption) {
  Bytes file = write_png(make_picture(64, 64));
  for (std::size_t at = file.size() / 2; at < file.size() / 2 + 20; ++at) file.data()[at] ^= 0x5A;
  EXPECT_EQ(refusal_of(file), ErrorCode::kCorruptImage);
}

TEST(DecodePng, OnlyTheEndMissingIsAWarning) {
  const Bytes file = write_png(make_picture(64, 64));
  EXPECT_TRUE(warns_of(must_decode(file.view().first(file.size() - 12)), "end is missing"));
  EXPECT_EQ(refusal_of(file.view().first(file.size() - 13)), ErrorCode::kTruncatedImage);
}

TEST(DecodePng, KeepsTheRowsOfACutFile) {
  const Image picture = make_picture(64, 64);
  for (const bool interlaced : {false, true}) {
    const Bytes file = write_png(picture, {.interlaced = interlaced});
    const Decoded kept = must_decode(file.view().first(file.size() / 2), {.damaged = DamagedPolicy::kKeep});
    EXPECT_EQ(kept.image.height, 64u);
    if (!interlaced) {
      EXPECT_EQ(kept.image.row(0)[5], picture.row(0)[5]);
      EXPECT_EQ(kept.image.row(63)[0], 0x80) << "missing rows are gray, not what memory held";
    }
  }
}

TEST(DecodePng, AnOddGammaIsApplied) {
  // Linear light: 55 of 255 is 127 on sRGB's curve, and so is 55 / 255 of 16 bits.
  const Image picture = make_plain(8, 8, 0, 55, 255);
  for (const int bits : {8, 16}) {
    const Decoded decoded = must_decode(write_png(picture, {.bits = bits, .gamma = 1.0}));
    EXPECT_EQ(decoded.image.row(3)[0], 0);
    EXPECT_NEAR(decoded.image.row(3)[1], 127, 2);
    EXPECT_EQ(decoded.image.row(3)[2], 255);
    EXPECT_TRUE(decoded.warnings.empty());
  }
  EXPECT_TRUE(equal(must_decode(write_png(picture, {.gamma = 0.45455})).image, picture));
  const Bytes srgb = srgb_profile();
  EXPECT_TRUE(equal(must_decode(write_png(picture, {.icc = srgb, .gamma = 1.0})).image, picture))
      << "a profile says more";
}

TEST(DecodePng, AnAbsurdGammaIsAWarning) {
  const Image picture = make_picture(8, 8);
  const std::uint8_t zero[4] = {};
  for (const Bytes& file :
       {write_png(picture, {.gamma = 50.0}), with_png_chunk(write_png(picture), "gAMA", zero, "IDAT")}) {
    const Decoded decoded = must_decode(file);
    EXPECT_TRUE(warns_of(decoded, "gamma"));
    EXPECT_TRUE(equal(decoded.image, picture));
  }
}

TEST(DecodePng, CodePointsBecomeAProfile) {
  const Image picture = make_picture(8, 8);
  const Decoded p3 = must_decode(write_png(picture, {.cicp_primaries = 12, .cicp_transfer = 13}));
  EXPECT_FALSE(p3.metadata.icc.empty());
  EXPECT_FALSE(p3.metadata.icc_is_srgb);
  EXPECT_EQ(refusal_of(write_png(picture, {.cicp_primaries = 9, .cicp_transfer = 16})), ErrorCode::kUnsupportedImage);
}

TEST(DecodePng, AProfileThatInflatesWithoutEndIsLeftOut) {
  // An iCCP chunk whose zlib stream says 64 MiB of zeros; libpng must stop at its limit.
  std::vector<std::uint8_t> chunk = {'x', 0, 0};
  const Image zeros = make_plain(4096, 1400, 0, 0, 0);
  const Bytes carrier = write_png(zeros);
  const std::size_t idat = as_text(carrier).find("IDAT");
  const std::size_t length = std::size_t{carrier.data()[idat - 2]} << 8 | carrier.data()[idat - 1];
  chunk.insert(chunk.end(), carrier.data() + idat + 4, carrier.data() + idat + 4 + length);
  const Image picture = make_picture(16, 16);
  const Decoded decoded = must_decode(with_png_chunk(write_png(picture), "iCCP", chunk, "IDAT"));
  EXPECT_TRUE(decoded.metadata.icc.empty());
  EXPECT_TRUE(warns_of(decoded, "profile is left out"));
  EXPECT_TRUE(equal(decoded.image, picture));
}

TEST(DecodePng, ACutAnimationIsTruncation) {
  const std::uint8_t animation[] = {0, 0, 0, 2, 0, 0, 0, 0};
  const std::uint8_t frame[100] = {};
  const Bytes file =
      with_png_chunk(with_png_chunk(write_png(make_picture(16, 16)), "acTL", animation, "IDAT"), "fdAT", frame, "IEND");
  EXPECT_TRUE(warns_of(must_decode(file), "animated"));
  EXPECT_EQ(refusal_of(file.view().first(file.size() - 40)), ErrorCode::kTruncatedImage);
}

}  // namespace
}  // namespace tintype
