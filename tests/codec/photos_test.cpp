// Every photo of the folder that TINTYPE_PHOTOS names decodes as the judge sees it and encodes.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "codec/encode.h"
#include "codec/orient.h"
#include "codec/resize.h"
#include "tests/codec/support/decoding.h"
#include "tests/codec/support/environment.h"
#include "tests/codec/support/judge.h"
#include "tests/codec/support/pictures.h"

namespace tintype {
namespace {

using namespace tintype::testing;

// Codecs have one thread here: under the thread sanitizer large photos take minutes and show nothing that small ones do
// not.
#ifdef __SANITIZE_THREAD__
constexpr std::uint64_t kMostPixels = 3'000'000;
#else
constexpr std::uint64_t kMostPixels = UINT64_MAX;
#endif

TEST(Photos, EveryOneDecodesAndEncodes) {
  const std::vector<std::string> files = files_of("TINTYPE_PHOTOS");
  if (files.empty()) GTEST_SKIP() << "TINTYPE_PHOTOS names no folder";
  use_one_thread_per_codec();
  for (const std::string& path : files) {
    const Bytes file = read_file(path);
    const Result<SourceInfo> info = probe(file);
    ASSERT_TRUE(info) << path << ": " << info.error().to_string();
    if (info->pixels() > kMostPixels) continue;
    const Result<Decoded> decoded = decode(file, *info, {.min_long_side_px = 1024});
    ASSERT_TRUE(decoded) << path << ": " << decoded.error().to_string();
    const Image& image = decoded->image;
    const std::uint32_t long_side = std::max(image.width, image.height);
    EXPECT_GE(long_side, std::min(1024u, std::max(info->width, info->height))) << path;

    const double scale = std::min(1.0, 256.0 / long_side);
    const auto side = [&](std::uint32_t px) { return std::max(1u, static_cast<std::uint32_t>(px * scale)); };
    const Result<Image> small = resize(image, side(image.width), side(image.height));
    ASSERT_TRUE(small) << path;
    const ByteView icc = icc_to_embed(decoded->metadata, {});
    const Bytes exif = build_exif(decoded->metadata, {});
    for (const EncodeOptions& options :
         {EncodeOptions{},
          EncodeOptions{.format = ImageFormat::kAvif, .encoder = Encoder::kAom, .quality = 60, .effort = 1}}) {
      const Result<Bytes> variant = encode(*small, options, icc, exif);
      ASSERT_TRUE(variant) << path << ": " << variant.error().to_string();
      const Decoded back = must_decode(*variant);
      EXPECT_EQ(back.image.width, small->width) << path;
      EXPECT_EQ(back.metadata.taken_text, decoded->metadata.taken_text) << path;
      EXPECT_EQ(back.metadata.icc.size(), icc.size()) << path;
      EXPECT_FALSE(back.metadata.latitude) << path << ": the position must not go on by default";
      if (small->channels == 3) {
        EXPECT_GT(psnr(back.image, *small), 24) << path;
      }
    }
  }
}

TEST(Photos, TheJudgeSeesTheSame) {
  const std::vector<std::string> files = files_of("TINTYPE_PHOTOS");
  if (files.empty()) GTEST_SKIP() << "TINTYPE_PHOTOS names no folder";
  for (const std::string& path : files) {
    const Bytes file = read_file(path);
    const SourceInfo info = *probe(file);
    if (info.pixels() > 3'000'000 || info.format == ImageFormat::kGif) continue;
    // The judge knows no profiles: it shows CMYK by the plain formula.
    const Decoded decoded = must_decode(file);
    std::optional<Image> judged = judge(file);
    if (!judged || (info.channels == 4 && path.find("swop") != path.npos)) continue;
    EXPECT_GT(psnr(decoded.image, make_upright(std::move(*judged), info.orientation)), 40) << path;
  }
}

}  // namespace
}  // namespace tintype
