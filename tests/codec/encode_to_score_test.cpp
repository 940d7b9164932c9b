// The quality contract with real encoders, on pictures made in code and, where TINTYPE_PHOTOS names a folder, on photos.
#include "codec/encode_to_score.h"

#include <gtest/gtest.h>

#include "codec/decode.h"
#include "codec/picture_view.h"
#include "codec/probe.h"
#include "codec/resize.h"
#include "kernels/simd/ssimulacra2.h"
#include "tests/codec/support/environment.h"
#include "tests/codec/support/pictures.h"

namespace tintype {
namespace {

double measured(const Image& image, ByteView file) {
  auto info = probe(file);
  info->bytes = file.size();
  const auto decoded = decode(file, *info, {});
  return *simd::ssimulacra2(view_of(image), view_of(decoded->image));
}

EncodeOptions options_of(ImageFormat format) {
  return format == ImageFormat::kWebp ? EncodeOptions{ImageFormat::kWebp, Encoder::kLibwebp, 0, 2, 1}
                                      : EncodeOptions{ImageFormat::kAvif, Encoder::kAom, 0, 1, 1};
}

TEST(EncodeToScore, WhatItSaysOfAFileIsTrue) {
  const Image image = testing::make_picture(300, 200);
  for (const ImageFormat format : {ImageFormat::kWebp, ImageFormat::kAvif}) {
    const QualityTarget target{.score = 75};
    const auto made = encode_to_score(image, options_of(format), target, {}, {});
    ASSERT_TRUE(made);
    EXPECT_EQ(made->outcome.kept.bytes, made->bytes.size());
    EXPECT_DOUBLE_EQ(made->outcome.kept.score, measured(image, made->bytes));
    EXPECT_EQ(made->outcome.reached(), target.accepts(made->outcome.kept.score));
    EXPECT_GE(made->encodes(), 1);
    EXPECT_GT(made->seconds, made->encode_seconds);
  }
}

TEST(EncodeToScore, TinyPicturesAreEncodedOnceAndClaimNothing) {
  const auto made = encode_to_score(testing::make_picture(7, 5), options_of(ImageFormat::kWebp), {}, {}, {});
  ASSERT_TRUE(made);
  EXPECT_FALSE(made->outcome.reached());
  EXPECT_EQ(made->probes.size(), 1u);
}

TEST(EncodeToScore, MetadataIsInTheFileThatIsKept) {
  const Bytes exif = Bytes::copy_of(std::vector<std::uint8_t>(60, 7));
  const Image image = testing::make_picture(300, 200);
  const auto plain = encode_to_score(image, options_of(ImageFormat::kWebp), {}, {}, {});
  const auto tagged = encode_to_score(image, options_of(ImageFormat::kWebp), {}, {}, exif);
  ASSERT_TRUE(plain && tagged);
  EXPECT_GT(tagged->bytes.size(), plain->bytes.size());
}

TEST(EncodeToScore, APhotosScoreIsMetInFewEncodes) {
  double encodes = 0;
  int files = 0, reached = 0;
  for (const std::string& path : testing::files_of("TINTYPE_PHOTOS")) {
    if (path.find("kodim") == std::string::npos) continue;
    const Bytes bytes = testing::read_file(path);
    auto info = probe(bytes);
    ASSERT_TRUE(info);
    info->bytes = bytes.size();
    const auto photo = decode(bytes, *info, {0, DamagedPolicy::kRefuse, true});
    ASSERT_TRUE(photo);
    for (const double score : {70.0, 80.0}) {
      const auto made = encode_to_score(photo->image, options_of(ImageFormat::kWebp), {.score = score}, {}, {});
      ASSERT_TRUE(made);
      encodes += made->encodes();
      reached += made->outcome.reached();
      ++files;
    }
  }
  if (files == 0) GTEST_SKIP() << "TINTYPE_PHOTOS names no folder with photos kodim*";
  EXPECT_EQ(reached, files);
  EXPECT_LT(encodes / files, 2.5);
}

}  // namespace
}  // namespace tintype
