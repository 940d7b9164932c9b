// The quality contract with real encoders, on pictures made in code and, where TINTYPE_PHOTOS names a folder, on
// photos.
#include "codec/contract_encoder.h"

#include <gtest/gtest.h>

#include "codec/decode.h"
#include "codec/ladder.h"
#include "codec/picture_view.h"
#include "codec/probe.h"
#include "kernels/simd/ssimulacra2.h"
#include "tests/codec/support/environment.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/pictures.h"

namespace tintype {
namespace {

using Picture = std::shared_ptr<const Pixels>;

constexpr EncodeOptions kEveryEncoder[] = {{ImageFormat::kWebp, Encoder::kTintype, 0, 2, 1},
                                           {ImageFormat::kWebp, Encoder::kLibwebp, 0, 2, 1},
                                           {ImageFormat::kAvif, Encoder::kAom, 0, 1, 1}};

// With the encoder that is a format's unless it is said otherwise.
EncodeOptions options_of(ImageFormat format) {
  return format == ImageFormat::kWebp ? kEveryEncoder[0] : kEveryEncoder[2];
}

Image shown(const Picture& picture) {
  const auto* planes = std::get_if<Planes>(picture.get());
  if (planes) return to_rgb(*planes);
  const auto& image = std::get<Image>(*picture);
  Image copy = Image::allocate(image.width, image.height, image.channels);
  std::ranges::copy(image.pixels.view(), copy.pixels.data());
  return copy;
}

double measured(const Picture& picture, ByteView file) {
  auto info = probe(file);
  info->bytes = file.size();
  const auto decoded = decode(file, *info, {});
  return *simd::ssimulacra2(view_of(shown(picture)), view_of(decoded->image));
}

Picture rgb_picture(std::uint32_t width, std::uint32_t height) {
  return std::make_shared<const Pixels>(testing::make_picture(width, height));
}

// Colour at full resolution, as a job with contracts has it.
Picture planar_picture(std::uint32_t width, std::uint32_t height) {
  const Bytes jpeg = testing::write_jpeg(testing::make_picture(2 * width, 2 * height), {.quality = 95});
  auto info = probe(jpeg);
  info->bytes = jpeg.size();
  const std::vector<PictureSize> sizes = {{width, height, Chroma::kFull}};
  auto ladder = decode_ladder(jpeg, *info, {}, sizes);
  EXPECT_TRUE(ladder);
  return std::make_shared<const Pixels>(std::move(ladder->pictures[0]));
}

TEST(ContractEncoder, WhatItSaysOfAFileIsTrue) {
  for (const Picture& picture : {rgb_picture(300, 200), planar_picture(300, 201)}) {
    for (const EncodeOptions& options : kEveryEncoder) {
      ContractEncoder contracts;
      const QualityTarget target{.score = 75};
      const auto made = contracts.encode(picture, {options, target, 0}, {}, {});
      ASSERT_TRUE(made) << made.error().to_string();
      const ContractResult& result = made->result;
      EXPECT_DOUBLE_EQ(result.score, measured(picture, made->bytes));
      EXPECT_EQ(result.is_met(), target.accepts(result.score));
      EXPECT_EQ(result.target, target);
      EXPECT_EQ(made->options.format, options.format);
      EXPECT_EQ(made->options.encoder, options.encoder);
      EXPECT_GE(result.encodes(), 1);
      EXPECT_GT(result.seconds, result.encode_seconds);
      const Probe& kept = *std::ranges::find(result.probes, made->options.quality, &Probe::quality);
      EXPECT_EQ(kept.bytes, made->bytes.size());
      EncodeOptions again = made->options;
      EXPECT_EQ(as_text(*encode(*picture, again, {}, {})), as_text(made->bytes)) << "not what a fixed quality makes";
    }
  }
}

// A narrower window than a quality's step: what the quarters are for. With photos the usual window is narrow enough.
TEST(ContractEncoder, WhatLiesBetweenTwoQualitiesIsFound) {
  const Picture picture = planar_picture(320, 240);
  for (const EncodeOptions& options : kEveryEncoder) {
    int between = 0, met = 0;
    for (int score = 60; score < 90; ++score) {
      const QualityTarget target{.score = static_cast<double>(score), .below = 0.1, .above = 0.4, .max_probes = 12};
      const auto made = ContractEncoder().encode(picture, {options, target, 0}, {}, {});
      ASSERT_TRUE(made) << made.error().to_string();
      const ContractResult& result = made->result;
      EXPECT_EQ(made->options.quarters, result.quarters);
      if (result.quarters == 0) continue;
      ++between;
      met += result.is_met();
      EXPECT_DOUBLE_EQ(result.score, measured(picture, made->bytes));
      EXPECT_EQ(as_text(*encode(*picture, made->options, {}, {})), as_text(made->bytes))
          << "not what it says it was made with";
    }
    EXPECT_GE(between, 3) << encoder_name(options.encoder);
    EXPECT_GE(met, 1) << encoder_name(options.encoder);
  }
}

TEST(ContractEncoder, WhatOneFileShowsStartsTheNext) {
  const Picture picture = rgb_picture(400, 300);
  for (const EncodeOptions& options : kEveryEncoder) {
    const ScoreRequest request{options, {.score = 75}, 0};
    ContractEncoder contracts;
    const auto first = contracts.encode(picture, request, {}, {});
    const auto second = contracts.encode(picture, request, {}, {});
    ASSERT_TRUE(first && second);
    EXPECT_GT(first->result.share, 0) << "half the picture was not tried";
    EXPECT_EQ(second->result.share, 0);
    EXPECT_LT(second->result.encodes(), first->result.encodes()) << encoder_name(options.encoder);
    // Where it starts is at most a step or two from what was kept: an encoder's steps are not even.
    EXPECT_NEAR(second->result.probes.front().quality, first->options.quality, 2) << encoder_name(options.encoder);
  }
}

TEST(ContractEncoder, TinyPicturesAreEncodedOnceAndClaimNothing) {
  ContractEncoder contracts;
  const auto made = contracts.encode(rgb_picture(7, 5), {options_of(ImageFormat::kWebp), {}, 0}, {}, {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->result.end, SearchEnd::kNotMeasured);
  EXPECT_EQ(made->result.probes.size(), 1u);
}

TEST(ContractEncoder, MetadataIsInTheFileThatIsKept) {
  const Bytes exif = Bytes::copy_of(std::vector<std::uint8_t>(60, 7));
  const Picture picture = rgb_picture(300, 200);
  const ScoreRequest request{options_of(ImageFormat::kWebp), {}, 0};
  const auto plain = ContractEncoder().encode(picture, request, {}, {});
  const auto tagged = ContractEncoder().encode(picture, request, {}, exif);
  ASSERT_TRUE(plain && tagged);
  EXPECT_GT(tagged->bytes.size(), plain->bytes.size());
}

TEST(ContractEncoder, AScoreBeyondTheBoundsIsMarked) {
  const Picture picture = rgb_picture(300, 200);
  const auto low = ContractEncoder().encode(
      picture, {options_of(ImageFormat::kWebp), {.score = 90, .highest_quality = 30}, 0}, {}, {});
  ASSERT_TRUE(low);
  EXPECT_EQ(low->result.end, SearchEnd::kBestIsTooLow);
  EXPECT_EQ(low->options.quality, 30);
  EXPECT_NE(explain_miss(low->result), "");
  const auto high = ContractEncoder().encode(
      picture, {options_of(ImageFormat::kWebp), {.score = 20, .lowest_quality = 90}, 0}, {}, {});
  ASSERT_TRUE(high);
  EXPECT_EQ(high->result.end, SearchEnd::kWorstIsTooGood);
  EXPECT_EQ(high->options.quality, 90);
}

TEST(ContractEncoder, AFileHasNoMoreBytesThanItMay) {
  const Picture picture = rgb_picture(300, 200);
  const ScoreRequest free{options_of(ImageFormat::kWebp), {.score = 85}, 0};
  const auto whole = ContractEncoder().encode(picture, free, {}, {});
  ASSERT_TRUE(whole);
  ScoreRequest tight = free;
  tight.max_bytes = whole->bytes.size() * 3 / 4;
  const auto made = ContractEncoder().encode(picture, tight, {}, {});
  ASSERT_TRUE(made);
  EXPECT_LE(made->bytes.size(), tight.max_bytes);
  EXPECT_GT(made->bytes.size(), tight.max_bytes / 2) << "quality was thrown away";
  EXPECT_EQ(made->result.end, SearchEnd::kSourceSmaller);
  EXPECT_DOUBLE_EQ(made->result.score, measured(picture, made->bytes));
  // Enough is no limit.
  ScoreRequest ample = free;
  ample.max_bytes = whole->bytes.size();
  const auto same = ContractEncoder().encode(picture, ample, {}, {});
  ASSERT_TRUE(same);
  EXPECT_TRUE(same->result.is_met());
}

TEST(ContractEncoder, TheBestIsTheSmallerWhereItPays) {
  for (const Picture& picture : {rgb_picture(300, 200), rgb_picture(48, 32)}) {
    const ScoreRequest webp{options_of(ImageFormat::kWebp), {.score = 80}, 0};
    const ScoreRequest avif{options_of(ImageFormat::kAvif), {.score = 80}, 0};
    const auto one = ContractEncoder().encode(picture, webp, {}, {});
    const auto other = ContractEncoder().encode(picture, avif, {}, {});
    const auto best = ContractEncoder().encode_best(picture, webp, avif.options, {}, {});
    ASSERT_TRUE(one && other && best);
    EXPECT_GE(best->result.encodes(), 2);
    EXPECT_GT(best->result.rival_bytes, 0u);
    EXPECT_DOUBLE_EQ(best->result.score, measured(picture, best->bytes));
    if (one->result.is_met() != other->result.is_met()) continue;
    const bool pays = double(other->bytes.size()) <= 0.9 * double(one->bytes.size());
    EXPECT_EQ(best->options.format, pays ? ImageFormat::kAvif : ImageFormat::kWebp);
  }
}

TEST(ContractEncoder, APhotosScoreIsMetInFewEncodes) {
  double encodes = 0;
  int files = 0, between_steps = 0;
  for (const std::string& path : testing::files_of("TINTYPE_PHOTOS")) {
    if (path.find("kodim") == std::string::npos) continue;
    const Bytes bytes = testing::read_file(path);
    auto info = probe(bytes);
    ASSERT_TRUE(info);
    info->bytes = bytes.size();
    auto photo = decode(bytes, *info, {0, DamagedPolicy::kRefuse, true});
    ASSERT_TRUE(photo);
    const auto picture = std::make_shared<const Pixels>(std::move(photo->image));
    for (const double score : {70.0, 80.0}) {
      ContractEncoder contracts;
      for (const ImageFormat format : {ImageFormat::kWebp, ImageFormat::kAvif}) {
        const auto made = contracts.encode(picture, {options_of(format), {.score = score}, 0}, {}, {});
        ASSERT_TRUE(made);
        encodes += made->result.encodes();
        ++files;
        // libaom's fastest speeds have steps of more than two points here and there.
        if (made->result.is_met()) continue;
        EXPECT_EQ(made->result.end, SearchEnd::kBetweenSteps) << path << " " << format_name(format);
        ++between_steps;
      }
    }
  }
  if (files == 0) GTEST_SKIP() << "TINTYPE_PHOTOS names no folder with photos kodim*";
  EXPECT_LE(between_steps, files / 10);
  EXPECT_LT(encodes / files, 2.3);
}

}  // namespace
}  // namespace tintype
