#include "codec/ladder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/encode.h"
#include "codec/probe.h"
#include "codec/resize.h"
#include "tests/codec/support/decoding.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/judge.h"
#include "tests/codec/support/pictures.h"
#include "tests/codec/support/png_writer.h"

namespace tintype {
namespace {

using namespace tintype::testing;

Result<Ladder> probe_and_decode_ladder(ByteView file, std::vector<PictureSize> sizes,
                                       const DecodeOptions& options = {}) {
  TT_ASSIGN(const SourceInfo info, probe(file));
  return decode_ladder(file, info, options, sizes);
}

Ladder must_decode_ladder(ByteView file, std::vector<PictureSize> sizes, const DecodeOptions& options = {}) {
  Result<Ladder> ladder = probe_and_decode_ladder(file, std::move(sizes), options);
  EXPECT_TRUE(ladder) << (ladder ? "" : ladder.error().to_string());
  return ladder ? *std::move(ladder) : Ladder{};
}

bool is_planar(const Pixels& pixels) { return std::holds_alternative<Planes>(pixels); }

Image as_image(const Pixels& pixels) {
  const auto* planes = std::get_if<Planes>(&pixels);
  return planes ? to_rgb(*planes) : clone(std::get<Image>(pixels));
}

// Stripes of paint and shadow, as wide as a reduced picture's pixels and wider: what a red car is to an encoder.
Image make_stripes(std::uint32_t width, std::uint32_t height) {
  Image image = Image::allocate(width, height, 3);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const bool is_paint = (x * x / 900 + y / 13) % 2 == 0;
      std::uint8_t* pixel = image.row(y) + 3 * x;
      pixel[0] = is_paint ? 236 : 20;
      pixel[1] = is_paint ? 4 : 22;
      pixel[2] = is_paint ? 8 : 26;
    }
  }
  return image;
}

TEST(Ladder, JpegsOfYccStayInPlanesWhateverTheirSubsampling) {
  const Image picture = make_picture(203, 151);
  for (const auto& [horizontal, vertical] : {std::pair{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}, {4, 2}}) {
    for (const bool progressive : {false, true}) {
      const Bytes file = write_jpeg(
          picture, {.quality = 98, .horizontal = horizontal, .vertical = vertical, .progressive = progressive});
      const Ladder ladder = must_decode_ladder(file, {{203, 151}, {101, 75}, {40, 30}, {7, 5}, {1, 1}});
      ASSERT_EQ(ladder.pictures.size(), 5u);
      EXPECT_EQ(ladder.decoded, (PictureSize{203, 151}));
      for (const Pixels& pixels : ladder.pictures) {
        EXPECT_TRUE(is_planar(pixels));
        const Image expected = resize(picture, width_of(pixels), height_of(pixels)).value();
        if (width_of(pixels) < 40) continue;
        EXPECT_GT(psnr(as_image(pixels), expected), 33) << horizontal << "x" << vertical << " at " << width_of(pixels);
      }
    }
  }
}

TEST(Ladder, WhatMustChangeItsColoursGoesByRgb) {
  const Image picture = make_picture(64, 48);
  const Bytes gray_profile = linear_gray_profile();
  const Bytes p3 = p3_profile();
  const std::vector<PictureSize> sizes = {{32, 24}};
  EXPECT_FALSE(is_planar(must_decode_ladder(write_jpeg(picture, {.colour = JpegColour::kRgb}), sizes).pictures[0]));
  EXPECT_FALSE(is_planar(must_decode_ladder(write_jpeg(picture, {.colour = JpegColour::kCmyk}), sizes).pictures[0]));
  EXPECT_FALSE(is_planar(must_decode_ladder(write_jpeg(picture, {.colour = JpegColour::kYcck}), sizes).pictures[0]));
  const Bytes with_gray_profile = write_jpeg(picture, {.colour = JpegColour::kGray, .icc = gray_profile});
  EXPECT_FALSE(is_planar(must_decode_ladder(with_gray_profile, sizes).pictures[0]));
  const Bytes wide = write_jpeg(picture, {.icc = p3});
  EXPECT_FALSE(is_planar(must_decode_ladder(wide, sizes, {.to_srgb = true}).pictures[0]));
  const Ladder kept = must_decode_ladder(wide, sizes);
  EXPECT_TRUE(is_planar(kept.pictures[0]));
  EXPECT_EQ(as_text(kept.metadata.icc), as_text(p3));
}

TEST(Ladder, GrayHasNoColour) {
  const Image picture = as_gray(make_picture(90, 61));
  const Ladder ladder =
      must_decode_ladder(write_jpeg(picture, {.colour = JpegColour::kGray, .quality = 98}), {{45, 31}});
  const auto& planes = std::get<Planes>(ladder.pictures[0]);
  for (const int chroma : {1, 2})
    for (const std::uint16_t sample : planes.plane(chroma)) ASSERT_EQ(sample, 128 * 64);
  EXPECT_GT(psnr(to_rgb(planes), resize(picture, 45, 31).value()), 35);
}

TEST(Ladder, EveryOrientationComesUpright) {
  for (const auto& [width, height] : {std::pair{120u, 80u}, {121u, 83u}}) {
    const Image upright = make_picture(width, height);
    for (std::uint16_t orientation = 1; orientation <= 8; ++orientation) {
      const Bytes exif = exif_with_orientation(orientation);
      const Bytes file =
          write_jpeg(stored_for(static_cast<std::uint8_t>(orientation), upright), {.quality = 98, .exif = exif});
      const Ladder ladder = must_decode_ladder(file, {{width, height}, {60, 40}});
      ASSERT_EQ(ladder.pictures.size(), 2u);
      EXPECT_EQ(ladder.decoded, (PictureSize{width, height}));
      EXPECT_GT(psnr(as_image(ladder.pictures[0]), upright), 34) << "orientation " << orientation;
      EXPECT_GT(psnr(as_image(ladder.pictures[1]), resize(upright, 60, 40).value()), 34)
          << "orientation " << orientation;
    }
  }
}

TEST(Ladder, OwnSizeKeepsTheFilesSamples) {
  const Bytes file = write_jpeg(make_picture(47, 31), {.quality = 90});
  const Ladder ladder = must_decode_ladder(file, {{47, 31}});
  const auto& planes = std::get<Planes>(ladder.pictures[0]);
  for (const int plane : {0, 1, 2})
    for (const std::uint16_t sample : planes.plane(plane)) ASSERT_EQ(sample % 64, 0);
}

TEST(Ladder, ScalesWhileItDecodes) {
  const Image picture = make_picture(803, 602);
  const Ladder ladder =
      must_decode_ladder(write_jpeg(picture, {.quality = 95}), {{200, 150}, {100, 75}}, {.min_long_side_px = 200});
  EXPECT_EQ(ladder.decoded, (PictureSize{201, 151}));
  EXPECT_GT(psnr(as_image(ladder.pictures[0]), resize(picture, 200, 150).value()), 35);
  EXPECT_GT(psnr(as_image(ladder.pictures[1]), resize(picture, 100, 75).value()), 35);
}

// Chroma filtered straight to half the resolution overshoots at such edges, and the decoder's interpolation shows it.
TEST(Ladder, SaturatedEdgesAreAsGoodAsByRgb) {
  const Image picture = make_stripes(1200, 800);
  for (const int subsampling : {1, 2}) {
    const Bytes file = write_jpeg(picture, {.quality = 95, .horizontal = subsampling, .vertical = subsampling});
    const SourceInfo info = probe(file).value();
    for (const PictureSize& size : {PictureSize{600, 400}, PictureSize{301, 201}, PictureSize{150, 100}}) {
      const std::vector<PictureSize> sizes = {size};
      const Image reference = resize(picture, size.width, size.height).value();
      const auto after_webp = [&](const Result<Ladder>& ladder) {
        const Bytes webp = encode(ladder->pictures[0], {.quality = 95}, {}, {}).value();
        return psnr(judge(webp).value(), reference);
      };
      EXPECT_GT(after_webp(decode_ladder(file, info, {}, sizes)),
                after_webp(decode_rgb_ladder(file, info, {}, sizes)) - 1)
          << subsampling << ": " << size.width;
    }
  }
}

TEST(Ladder, DamageIsJudgedAsItIsByRgb) {
  const Bytes whole = write_jpeg(make_picture(320, 240), {.quality = 90, .restart_rows = 1});
  for (const std::size_t percent : {20u, 50u, 90u}) {
    const ByteView cut = whole.view().first(whole.size() * percent / 100);
    const Result<Ladder> refused = probe_and_decode_ladder(cut, {{160, 120}});
    const Result<Decoded> refused_rgb = probe_and_decode(cut);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().to_string(), refused_rgb.error().to_string());

    const DecodeOptions keep{.damaged = DamagedPolicy::kKeep};
    const Ladder kept = must_decode_ladder(cut, {{160, 120}}, keep);
    const Decoded by_rgb = must_decode(cut, keep);
    EXPECT_EQ(kept.warnings, by_rgb.warnings);
    EXPECT_GT(psnr(as_image(kept.pictures[0]), resize(by_rgb.image, 160, 120).value()), 30) << percent;
  }
}

TEST(Ladder, OtherFormatsComeInTheSameSizes) {
  const Image picture = make_picture(120, 90, 4);
  const Ladder ladder =
      must_decode_ladder(write_png(picture, {.colour = PngColour::kRgba}), {{120, 90}, {60, 45}, {20, 15}});
  ASSERT_EQ(ladder.pictures.size(), 3u);
  EXPECT_TRUE(equal(std::get<Image>(ladder.pictures[0]), picture));
  EXPECT_EQ(std::get<Image>(ladder.pictures[2]).channels, 4u);
  EXPECT_EQ(width_of(ladder.pictures[2]), 20u);
  EXPECT_EQ(height_of(ladder.pictures[2]), 15u);
}

TEST(Ladder, PlanesAreEncodedAsTheyAre) {
  const Image picture = make_picture(161, 97);
  const Ladder ladder = must_decode_ladder(write_jpeg(picture, {.quality = 98}), {{161, 97}});
  const Bytes webp = encode(ladder.pictures[0], {.quality = 95}, {}, {}).value();
  EXPECT_GT(psnr(judge(webp).value(), picture), 34);
  for (const int effort : {0, 4}) {
    const EncodeOptions avif{.format = ImageFormat::kAvif, .encoder = Encoder::kAom, .quality = 90, .effort = effort};
    const Bytes file = encode(ladder.pictures[0], avif, {}, {}).value();
    EXPECT_EQ(probe(file)->bits, effort == 0 ? 10 : 8);
    EXPECT_GT(psnr(must_decode(file).image, picture), 34);
  }
}

TEST(Ladder, FullColourHalvedIsWhatHalfColourIs) {
  const Image picture = make_picture(240, 161);
  for (const int subsampling : {1, 2}) {
    const Bytes file = write_jpeg(picture, {.horizontal = subsampling, .vertical = subsampling});
    for (const auto& [width, height] : {std::pair{120u, 81u}, {101u, 68u}, {240u, 161u}}) {
      const Ladder ladder = must_decode_ladder(file, {{width, height, Chroma::kFull}, {width, height}});
      const auto& full = std::get<Planes>(ladder.pictures[0]);
      const auto& half = std::get<Planes>(ladder.pictures[1]);
      ASSERT_EQ(full.chroma_width(), width);
      ASSERT_EQ(half.chroma_width(), (width + 1) / 2);
      const Planes halved = with_half_chroma(full);
      EXPECT_TRUE(std::ranges::equal(halved.plane(0), half.plane(0)));
      for (const int plane : {1, 2}) {
        int most = 0;
        for (std::size_t i = 0; i < half.plane(plane).size(); ++i)
          most = std::max(most, std::abs(halved.plane(plane)[i] - half.plane(plane)[i]));
        EXPECT_LE(most, 64) << "of 64 to a step of 8 bits; " << width << " " << subsampling;
      }
    }
  }
}

TEST(Ladder, FullColourIsShownAsItIs) {
  Planes planes = Planes::allocate(3, 3, Chroma::kFull);
  for (const int plane : {0, 1, 2}) std::ranges::fill(planes.plane(plane), std::uint16_t{128 << 6});
  planes.plane(2)[4] = 228 << 6;  // the middle pixel alone is red
  const Image shown = to_rgb(planes);
  EXPECT_EQ(shown.row(1)[3], 255);
  EXPECT_EQ(shown.row(1)[0], 128);
  EXPECT_EQ(shown.row(0)[3], 128);
  EXPECT_EQ(with_half_chroma(planes).plane(2)[0], (128 << 6) + (100 << 6) / 4);
}

}  // namespace
}  // namespace tintype
