// Files cut at every length and with bytes changed at random: no crash, and never a picture that pretends to
// be whole.

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "codec/encode.h"
#include "tests/codec/support/avif_writer.h"
#include "tests/codec/support/decoding.h"
#include "tests/codec/support/gif_writer.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/pictures.h"
#include "tests/codec/support/png_writer.h"
#include "tests/codec/support/webp_writer.h"

namespace tintype {
namespace {

using namespace tintype::testing;

struct Sample {
  std::string name;
  Bytes file;
  std::size_t step = 1;  // between cuts
};

std::vector<Sample> make_samples() {
  const Image rgb = make_picture(48, 40), rgba = make_picture(48, 40, 4), levels = with_six_levels(rgb);
  const Bytes exif = exif_with_orientation(6), icc = p3_profile();
  std::vector<Sample> samples;
  const auto add = [&](std::string name, Bytes file, std::size_t step = 1) {
    samples.push_back({std::move(name), std::move(file), step});
  };
  add("jpeg baseline", write_jpeg(rgb, {.exif = exif, .icc = icc}));
  add("jpeg progressive", write_jpeg(rgb, {.progressive = true}));
  add("jpeg restarts", write_jpeg(rgb, {.horizontal = 1, .vertical = 1, .restart_rows = 1}));
  add("jpeg component scans", write_jpeg(rgb, {.one_scan_a_component = true}));
  add("jpeg cmyk", write_jpeg(rgb, {.colour = JpegColour::kCmyk}));
  add("jpeg gray", write_jpeg(rgb, {.colour = JpegColour::kGray}));
  add("png rgb", write_png(rgb, {.exif = exif, .icc = icc}), 3);
  add("png rgba interlaced", write_png(rgba, {.colour = PngColour::kRgba, .interlaced = true}), 3);
  add("png palette", write_png(levels, {.colour = PngColour::kPalette}));
  add("gif", write_gif(levels));
  add("gif animated", write_gif(levels, {.interlaced = true, .transparent = true, .frames = 3}));
  add("webp lossy", *encode(rgb, {}, icc, exif));
  add("webp alpha", *encode(rgba, {}, {}, {}));
  add("webp lossless", write_lossless_webp(rgba), 3);
  add("webp animated", write_animated_webp(rgb, 2), 7);
  add("avif", write_avif(rgba, {.quality = 40, .quarter_turns = 1}), 5);
  add("avif sequence", write_avif(rgb, {.quality = 40, .frames = 3}), 17);
  return samples;
}

TEST(Hostile, ACutFileIsRefusedOrWholeAllTheSame) {
  for (const Sample& sample : make_samples()) {
    const Decoded whole = must_decode(sample.file);
    for (std::size_t size = 0; size < sample.file.size(); size += sample.step) {
      const Bytes cut = Bytes::copy_of(sample.file.view().first(size));  // so that a sanitizer sees its end
      const Result<Decoded> decoded = probe_and_decode(cut);
      if (decoded) {
        EXPECT_TRUE(equal(decoded->image, whole.image)) << sample.name << " cut at " << size;
        EXPECT_FALSE(decoded->warnings.empty()) << sample.name << " cut at " << size << " without a word";
        continue;
      }
      const ErrorCode code = decoded.error().code;
      const bool expected = code == ErrorCode::kTruncatedImage || (size < 16 && code == ErrorCode::kNotAnImage) ||
                            (size == 0 && code == ErrorCode::kEmptyFile);
      EXPECT_TRUE(expected) << sample.name << " cut at " << size << ": " << decoded.error().to_string();
    }
  }
}

TEST(Hostile, KeepingACutFileGivesTheWholeSizeOrARefusal) {
  for (const Sample& sample : make_samples()) {
    for (std::size_t size = 1; size < sample.file.size(); size += 2 * sample.step) {
      const Bytes cut = Bytes::copy_of(sample.file.view().first(size));
      const Result<SourceInfo> info = probe(cut);
      if (!info) continue;
      const Result<Decoded> decoded = decode(cut, *info, {.damaged = DamagedPolicy::kKeep});
      if (!decoded) continue;
      EXPECT_EQ(decoded->image.width, info->upright_width()) << sample.name << " cut at " << size;
      EXPECT_EQ(decoded->image.height, info->upright_height()) << sample.name << " cut at " << size;
      EXPECT_FALSE(decoded->warnings.empty()) << sample.name << " cut at " << size;
    }
  }
}

TEST(Hostile, ChangedBytesNeverBreakTheContract) {
  std::mt19937 random(20241122);
  for (const Sample& sample : make_samples()) {
    const int rounds = sample.name.starts_with("avif") ? 150 : 400;
    for (int round = 0; round < rounds; ++round) {
      Bytes file = Bytes::copy_of(sample.file);
      const unsigned changes = 1 + random() % 4;
      for (unsigned i = 0; i < changes; ++i) file.data()[random() % file.size()] = static_cast<std::uint8_t>(random());
      const Result<SourceInfo> info = probe(file);
      if (!info) {
        EXPECT_TRUE(is_bad_picture(info.error().code)) << sample.name << ": " << info.error().to_string();
        continue;
      }
      ASSERT_GT(info->pixels(), 0u) << sample.name;
      if (info->pixels() > 4'000'000) continue;  // what limits are for
      for (const DamagedPolicy policy : {DamagedPolicy::kRefuse, DamagedPolicy::kKeep}) {
        const Result<Decoded> decoded = decode(file, *info, {.damaged = policy});
        if (decoded) {
          EXPECT_EQ(decoded->image.width, info->upright_width()) << sample.name;
          EXPECT_EQ(decoded->image.height, info->upright_height()) << sample.name;
        } else {
          const ErrorCode code = decoded.error().code;
          EXPECT_TRUE(is_bad_picture(code) || code == ErrorCode::kOutOfMemory)
              << sample.name << ": " << decoded.error().to_string();
        }
      }
    }
  }
}

}  // namespace
}  // namespace tintype
