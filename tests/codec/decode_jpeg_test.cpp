#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "tests/codec/support/decoding.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/judge.h"
#include "tests/codec/support/pictures.h"

namespace tintype {
namespace {

using namespace tintype::testing;

TEST(DecodeJpeg, EverySubsamplingAsTheJudgeSeesIt) {
  const Image picture = make_picture(203, 119);
  const struct {
    int horizontal, vertical;
  } samplings[] = {{1, 1}, {2, 1}, {2, 2}, {1, 2}, {4, 1}, {4, 2}, {1, 4}};
  for (const auto& sampling : samplings)
    for (const bool progressive : {false, true})
      for (const int restart_rows : {0, 1}) {
        const Bytes file = write_jpeg(picture, {.horizontal = sampling.horizontal,
                                                .vertical = sampling.vertical,
                                                .progressive = progressive,
                                                .restart_rows = restart_rows});
        const Decoded decoded = must_decode(file);
        const std::optional<Image> judged = judge(file);
        ASSERT_TRUE(judged);
        EXPECT_GT(psnr(decoded.image, *judged), 55) << sampling.horizontal << "x" << sampling.vertical;
        EXPECT_GT(psnr(decoded.image, picture), 32) << sampling.horizontal << "x" << sampling.vertical;
        EXPECT_TRUE(decoded.warnings.empty());
      }
}

TEST(DecodeJpeg, EveryColourCoding) {
  const Image picture = make_picture(100, 60);
  for (const JpegColour colour : {JpegColour::kYcc, JpegColour::kRgb, JpegColour::kCmyk, JpegColour::kYcck}) {
    const Bytes file = write_jpeg(picture, {.colour = colour, .horizontal = 1, .vertical = 1});
    const Decoded decoded = must_decode(file);
    const std::optional<Image> judged = judge(file);
    ASSERT_TRUE(judged);
    EXPECT_EQ(decoded.image.channels, 3u);
    EXPECT_GT(psnr(decoded.image, picture), 36) << static_cast<int>(colour);
    EXPECT_GT(psnr(decoded.image, *judged), 45) << static_cast<int>(colour);
  }
}

TEST(DecodeJpeg, GrayBecomesThreeEqualChannels) {
  const Image gray = as_gray(make_picture(100, 60));
  const Decoded decoded = must_decode(write_jpeg(gray, {.colour = JpegColour::kGray}));
  EXPECT_EQ(decoded.image.channels, 3u);
  EXPECT_GT(psnr(decoded.image, gray), 40);
  const std::uint8_t* pixel = decoded.image.row(30) + 150;
  EXPECT_EQ(pixel[0], pixel[1]);
  EXPECT_EQ(pixel[1], pixel[2]);
}

TEST(DecodeJpeg, AllEightOrientationsComeUpright) {
  const Image upright = make_picture(90, 52);
  for (const JpegColour colour : {JpegColour::kYcc, JpegColour::kCmyk})
    for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
      const Bytes exif = exif_with_orientation(orientation);
      const Bytes file = write_jpeg(stored_for(orientation, upright),
                                    {.colour = colour, .horizontal = 1, .vertical = 1, .exif = exif});
      const Decoded decoded = must_decode(file);
      EXPECT_GT(psnr(decoded.image, upright), 36) << int{orientation};
    }
}

TEST(DecodeJpeg, ScalesDownToNoLessThanAsked) {
  const Image picture = make_picture(803, 600);
  const Bytes exif = exif_with_orientation(6);
  const Bytes file = write_jpeg(picture);
  const Bytes turned = write_jpeg(picture, {.exif = exif});
  const struct {
    std::uint32_t wanted, long_side, short_side;
  } cases[] = {{0, 803, 600},   {803, 803, 600}, {500, 803, 600}, {402, 402, 300}, {202, 402, 300},
               {201, 201, 150}, {102, 201, 150}, {101, 101, 75},  {1, 101, 75},    {5000, 803, 600}};
  for (const auto& c : cases) {
    const Decoded decoded = must_decode(file, {.min_long_side_px = c.wanted});
    EXPECT_EQ(decoded.image.width, c.long_side) << c.wanted;
    EXPECT_EQ(decoded.image.height, c.short_side) << c.wanted;
    EXPECT_EQ(must_decode(turned, {.min_long_side_px = c.wanted}).image.height, c.long_side) << c.wanted;
  }
}

TEST(DecodeJpeg, OnlyTheEndMarkerMissingIsAWarning) {
  for (const bool progressive : {false, true}) {
    const Bytes file = write_jpeg(make_picture(64, 64), {.progressive = progressive});
    const Bytes whole = Bytes::copy_of(file);
    const Decoded decoded = must_decode(file.view().first(file.size() - 2));
    EXPECT_TRUE(warns_of(decoded, "end marker is missing"));
    EXPECT_TRUE(equal(decoded.image, must_decode(whole).image));
  }
}

TEST(DecodeJpeg, MissingScansAreTruncation) {
  const Image picture = make_picture(64, 64);
  for (const JpegKind& kind : {JpegKind{.progressive = true}, JpegKind{.one_scan_a_component = true}}) {
    const Bytes file = write_jpeg(picture, kind);
    // Everything before the last scan: whole segments, no half-read entropy data.
    std::size_t last_scan = 0;
    for (std::size_t i = 0; i + 1 < file.size(); ++i)
      if (file.data()[i] == 0xFF && file.data()[i + 1] == 0xDA) last_scan = i;
    EXPECT_EQ(refusal_of(file.view().first(last_scan)), ErrorCode::kTruncatedImage);
    EXPECT_TRUE(warns_of(must_decode(file.view().first(last_scan), {.damaged = DamagedPolicy::kKeep}), "kept"));
  }
}

TEST(DecodeJpeg, WrongEntropyDataIsCorruption) {
  Bytes file = write_jpeg(make_picture(128, 128), {.quality = 100});
  for (std::size_t at = file.size() / 2; at < file.size() / 2 + 300; ++at)
    if (file.data()[at] != 0xFF && file.data()[at - 1] != 0xFF) file.data()[at] = 0x5A;
  EXPECT_EQ(refusal_of(file), ErrorCode::kCorruptImage);
  const Decoded kept = must_decode(file, {.damaged = DamagedPolicy::kKeep});
  EXPECT_TRUE(warns_of(kept, "kept as it is"));
  EXPECT_FALSE(warns_of(kept, "picture is whole"));
}

TEST(DecodeJpeg, AnEndMarkerInTheMiddleIsCorruption) {
  const Bytes file = write_jpeg(make_picture(128, 128));
  std::vector<std::uint8_t> early(file.data(), file.data() + file.size() / 2);
  early.insert(early.end(), {0xFF, 0xD9});
  EXPECT_EQ(refusal_of(early), ErrorCode::kCorruptImage);
}

TEST(DecodeJpeg, DataBehindTheEndAreLeftOut) {
  const Image picture = make_picture(64, 64);
  const Bytes file = write_jpeg(picture);
  std::vector<std::uint8_t> longer(file.data(), file.data() + file.size());
  longer.insert(longer.end(), 5000, 0xA7);
  EXPECT_TRUE(equal(must_decode(longer).image, must_decode(file).image));
}

TEST(DecodeJpeg, StrayBytesBetweenSegmentsAreAWarning) {
  const Bytes file = write_jpeg(make_picture(64, 64));
  std::vector<std::uint8_t> stray = {0xFF, 0xD8, 'h', 'e', 'l', 'l', 'o'};
  stray.insert(stray.end(), file.data() + 2, file.data() + file.size());
  EXPECT_TRUE(warns_of(must_decode(stray), "stray bytes"));
}

TEST(DecodeJpeg, PaddingBeforeTheEndMarkerIsAWarningAndDataThereCorruption) {
  const Bytes file = write_jpeg(make_picture(64, 64));
  const auto with_tail = [&](std::uint8_t byte) {
    std::vector<std::uint8_t> longer(file.data(), file.data() + file.size() - 2);
    longer.insert(longer.end(), 200, byte);
    longer.insert(longer.end(), {0xFF, 0xD9});
    return longer;
  };
  EXPECT_TRUE(warns_of(must_decode(with_tail(0)), "stray bytes"));
  EXPECT_EQ(refusal_of(with_tail(0x5A)), ErrorCode::kCorruptImage);
}

TEST(DecodeJpeg, AHundredScansAreEnough) {
  // A progressive file whose last scan (one of refinement) is repeated.
  const Bytes file = write_jpeg(make_picture(32, 32), {.colour = JpegColour::kGray, .progressive = true});
  std::size_t last_scan = 0;
  for (std::size_t i = 0; i + 1 < file.size(); ++i)
    if (file.data()[i] == 0xFF && file.data()[i + 1] == 0xDA) last_scan = i;
  std::vector<std::uint8_t> bomb(file.data(), file.data() + file.size() - 2);
  for (int i = 0; i < 300; ++i) bomb.insert(bomb.end(), file.data() + last_scan, file.data() + file.size() - 2);
  bomb.insert(bomb.end(), {0xFF, 0xD9});
  const Result<Decoded> decoded = probe_and_decode(bomb, {.damaged = DamagedPolicy::kKeep});
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::kCorruptImage);
  EXPECT_NE(decoded.error().message.find("100 scans"), std::string::npos) << decoded.error().message;
}

TEST(DecodeJpeg, AHeaderThatDisagreesWithTheProbeIsRefused) {
  const Bytes file = write_jpeg(make_picture(64, 48));
  SourceInfo info = *probe(file);
  info.width = 65;
  const Result<Decoded> decoded = decode(file, info, {});
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::kCorruptImage);
}

TEST(DecodeJpeg, KeepsWhatATruncatedFileShows) {
  const Image picture = make_picture(128, 128);
  const Bytes file = write_jpeg(picture, {.horizontal = 1, .vertical = 1});
  const ByteView half = file.view().first(file.size() / 2);
  EXPECT_EQ(refusal_of(half), ErrorCode::kTruncatedImage);
  const Decoded kept = must_decode(half, {.damaged = DamagedPolicy::kKeep});
  ASSERT_EQ(kept.image.height, 128u);
  Image top = Image::allocate(128, 32, 3), top_of_picture = Image::allocate(128, 32, 3);
  std::memcpy(top.pixels.data(), kept.image.row(0), top.pixels.size());
  std::memcpy(top_of_picture.pixels.data(), picture.row(0), top.pixels.size());
  EXPECT_GT(psnr(top, top_of_picture), 36);
}

}  // namespace
}  // namespace tintype
