#include "codec/probe.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "codec/encode.h"
#include "codec/exif_orientation.h"
#include "tests/codec/support/avif_writer.h"
#include "tests/codec/support/gif_writer.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/pictures.h"
#include "tests/codec/support/png_writer.h"
#include "tests/codec/support/webp_writer.h"

namespace tintype {
namespace {

using namespace tintype::testing;

SourceInfo must_probe(ByteView file) {
  const Result<SourceInfo> info = probe(file);
  EXPECT_TRUE(info) << (info ? "" : info.error().to_string());
  return info ? *info : SourceInfo{};
}

ErrorCode code_of(ByteView file) {
  const Result<SourceInfo> info = probe(file);
  EXPECT_FALSE(info);
  return info ? ErrorCode::kInternal : info.error().code;
}

// Where the frame segment's marker byte (FF Cx) of a JPEG is.
std::size_t frame_segment(ByteView jpeg) {
  for (std::size_t at = 2; at + 4 < jpeg.size(); at += 2u + (jpeg[at + 2] << 8 | jpeg[at + 3]))
    if (jpeg[at + 1] == 0xC0 || jpeg[at + 1] == 0xC2) return at + 1;
  return 0;
}

TEST(ProbeJpeg, SaysWhatTheHeaderSays) {
  const Bytes file = write_jpeg(make_picture(61, 47), {.progressive = true});
  const SourceInfo info = must_probe(file);
  EXPECT_EQ(info.format, ImageFormat::kJpeg);
  EXPECT_EQ(info.width, 61u);
  EXPECT_EQ(info.height, 47u);
  EXPECT_EQ(info.channels, 3);
  EXPECT_EQ(info.bits, 8);
  EXPECT_TRUE(info.progressive);
  EXPECT_FALSE(info.has_alpha);
  EXPECT_EQ(info.frames, 1u);
  EXPECT_EQ(info.orientation, 1);
  EXPECT_EQ(info.bytes, file.size());
  EXPECT_EQ(must_probe(write_jpeg(make_picture(8, 8), {.colour = JpegColour::kGray})).channels, 1);
  EXPECT_EQ(must_probe(write_jpeg(make_picture(8, 8), {.colour = JpegColour::kCmyk})).channels, 4);
  EXPECT_FALSE(must_probe(write_jpeg(make_picture(8, 8))).progressive);
}

TEST(ProbeJpeg, ReadsHowCoarselyItWasQuantised) {
  EXPECT_EQ(must_probe(write_jpeg(make_picture(8, 8), {.quality = 100})).quantizer_sum, 64u);
  // ITU-T T.81, table K.1, which libjpeg takes as it is at quality 50.
  EXPECT_EQ(must_probe(write_jpeg(make_picture(8, 8), {.quality = 50})).quantizer_sum, 3688u);
}

TEST(ProbeJpeg, ReadsTheOrientationInBothByteOrders) {
  for (std::uint16_t orientation = 1; orientation <= 8; ++orientation)
    for (const bool big_endian : {false, true}) {
      const Bytes exif = exif_with_orientation(orientation, big_endian);
      EXPECT_EQ(must_probe(write_jpeg(make_picture(16, 8), {.exif = exif})).orientation, orientation);
    }
}

TEST(ProbeJpeg, OddOrientationsReadAsOne) {
  for (const std::uint16_t orientation : {0, 9, 255}) {
    const Bytes exif = exif_with_orientation(orientation);
    EXPECT_EQ(must_probe(write_jpeg(make_picture(16, 8), {.exif = exif})).orientation, 1);
  }
}

TEST(ExifOrientation, ADirectoryThatPointsNowhereOrAtItselfEnds) {
  Bytes exif = exif_with_orientation(6);
  EXPECT_EQ(exif_orientation(exif), 6);
  for (std::size_t size = 0; size < 20; ++size) EXPECT_EQ(exif_orientation(exif.view().first(size)), 1);
  exif.data()[4] = 0xF0;  // the directory's offset
  EXPECT_EQ(exif_orientation(exif), 1);
  Bytes loop = exif_with_orientation(6);
  loop.data()[22] = 8;  // the next directory is this one
  EXPECT_EQ(exif_orientation(loop), 6);
}

TEST(ProbeJpeg, RefusesCodingsByName) {
  const Bytes arithmetic = write_jpeg(make_picture(16, 16), {.arithmetic = true});
  EXPECT_EQ(code_of(arithmetic), ErrorCode::kUnsupportedImage);
  EXPECT_NE(probe(arithmetic).error().message.find("arithmetic"), std::string::npos);
  const struct {
    std::uint8_t marker;
    const char* named;
  } cases[] = {{0xC3, "lossless"},     {0xC5, "hierarchical"}, {0xC6, "hierarchical"}, {0xC7, "hierarchical"},
               {0xC9, "arithmetic"},   {0xCA, "arithmetic"},   {0xCB, "arithmetic"},   {0xCD, "hierarchical"},
               {0xCE, "hierarchical"}, {0xCF, "hierarchical"}};
  for (const auto& c : cases) {
    Bytes file = write_jpeg(make_picture(16, 16));
    file.data()[frame_segment(file)] = c.marker;
    EXPECT_EQ(code_of(file), ErrorCode::kUnsupportedImage) << int{c.marker};
    EXPECT_NE(probe(file).error().message.find(c.named), std::string::npos) << probe(file).error().message;
  }
}

TEST(ProbeJpeg, TakesSequentialExtendedWithEightBits) {
  Bytes file = write_jpeg(make_picture(16, 16));
  file.data()[frame_segment(file)] = 0xC1;
  EXPECT_EQ(must_probe(file).width, 16u);
}

TEST(ProbeJpeg, RefusesImpossibleFrames) {
  const Bytes good = write_jpeg(make_picture(16, 16));
  const std::size_t frame = frame_segment(good);
  const auto changed = [&](std::size_t offset, std::uint8_t value) {
    Bytes file = Bytes::copy_of(good);
    file.data()[frame + offset] = value;
    return file;
  };
  // Behind the marker: length (2 bytes), precision, height (2), width (2), components.
  EXPECT_EQ(code_of(changed(3, 12)), ErrorCode::kUnsupportedImage);
  EXPECT_EQ(code_of(changed(7, 0)), ErrorCode::kCorruptImage);      // width 16 becomes 0
  EXPECT_EQ(code_of(changed(5, 0)), ErrorCode::kUnsupportedImage);  // height 16 becomes 0: given by DNL
  EXPECT_EQ(code_of(changed(8, 2)), ErrorCode::kCorruptImage);      // the length is for 3 components
  EXPECT_EQ(code_of(changed(10, 0x51)), ErrorCode::kCorruptImage);  // sampling 5 x 1
}

TEST(ProbeJpeg, PassesOverWhatLibjpegPassesOver) {
  const Bytes good = write_jpeg(make_picture(16, 16));
  std::vector<std::uint8_t> file = {0xFF, 0xD8, 0x00, 0x12, 0xFF, 0x00, 0xFF, 0xFF, 0xFF};
  file.insert(file.end(), good.data() + 3,
              good.data() + good.size());  // from the first segment's marker byte on
  EXPECT_EQ(must_probe(file).width, 16u);
}

TEST(ProbeJpeg, BareMarkersAreNoPicture) {
  const std::uint8_t start[] = {0xFF, 0xD8};
  EXPECT_EQ(code_of(start), ErrorCode::kTruncatedImage);
  const std::uint8_t start_and_end[] = {0xFF, 0xD8, 0xFF, 0xD9};
  EXPECT_EQ(code_of(start_and_end), ErrorCode::kCorruptImage);
  const std::uint8_t twice[] = {0xFF, 0xD8, 0xFF, 0xD8, 0xFF, 0xD9};
  EXPECT_EQ(code_of(twice), ErrorCode::kCorruptImage);
}

TEST(ProbePng, SaysWhatTheHeaderSays) {
  const Image rgba = make_picture(33, 21, 4);
  SourceInfo info = must_probe(write_png(rgba, {.colour = PngColour::kRgba, .bits = 16, .interlaced = true}));
  EXPECT_EQ(info.format, ImageFormat::kPng);
  EXPECT_EQ(info.width, 33u);
  EXPECT_EQ(info.height, 21u);
  EXPECT_EQ(info.bits, 16);
  EXPECT_EQ(info.channels, 3);
  EXPECT_TRUE(info.has_alpha);
  EXPECT_TRUE(info.progressive);
  info = must_probe(write_png(make_picture(5, 5), {.colour = PngColour::kGray, .bits = 1}));
  EXPECT_EQ(info.channels, 1);
  EXPECT_EQ(info.bits, 1);
  EXPECT_FALSE(info.has_alpha);
  EXPECT_TRUE(must_probe(write_png(make_picture(5, 5), {.transparent_colour = true})).has_alpha);
}

TEST(ProbePng, FindsExifOnBothSidesOfThePicture) {
  const Bytes exif = exif_with_orientation(8);
  EXPECT_EQ(must_probe(write_png(make_picture(5, 9), {.exif = exif})).orientation, 8);
  const Bytes late = with_png_chunk(write_png(make_picture(5, 9)), "eXIf", exif, "IEND");
  EXPECT_EQ(must_probe(late).orientation, 8);
}

TEST(ProbePng, CountsAnimationFrames) {
  const std::uint8_t animation[] = {0, 0, 0, 12, 0, 0, 0, 0};
  const Bytes file = with_png_chunk(write_png(make_picture(5, 9)), "acTL", animation, "IDAT");
  EXPECT_EQ(must_probe(file).frames, 12u);
}

TEST(ProbePng, RefusesImpossibleHeaders) {
  const Bytes good = write_png(make_picture(16, 16));
  const auto changed = [&](std::size_t offset, std::uint8_t value) {
    Bytes file = Bytes::copy_of(good);
    file.data()[offset] = value;
    return file;
  };
  EXPECT_EQ(code_of(changed(19, 0)), ErrorCode::kCorruptImage);     // width 0
  EXPECT_EQ(code_of(changed(16, 0x80)), ErrorCode::kCorruptImage);  // width past 2^31
  EXPECT_EQ(code_of(changed(24, 3)), ErrorCode::kCorruptImage);     // 3 bits
  EXPECT_EQ(code_of(changed(25, 1)), ErrorCode::kCorruptImage);     // no such colour type
  EXPECT_EQ(code_of(changed(28, 2)), ErrorCode::kCorruptImage);     // no such interlacing
  EXPECT_EQ(code_of(changed(12, 'X')), ErrorCode::kCorruptImage);   // another chunk first
}

TEST(ProbeWebp, SaysWhatTheHeaderSays) {
  SourceInfo info = must_probe(*encode(make_picture(35, 27), {}, {}, {}));
  EXPECT_EQ(info.format, ImageFormat::kWebp);
  EXPECT_EQ(info.width, 35u);
  EXPECT_EQ(info.height, 27u);
  EXPECT_FALSE(info.has_alpha);
  info = must_probe(*encode(make_picture(35, 27, 4), {}, {}, {}));
  EXPECT_EQ(info.width, 35u);
  EXPECT_TRUE(info.has_alpha);
  info = must_probe(write_lossless_webp(make_picture(300, 7, 4)));
  EXPECT_EQ(info.width, 300u);
  EXPECT_EQ(info.height, 7u);
  EXPECT_TRUE(info.has_alpha);
  EXPECT_FALSE(must_probe(write_lossless_webp(make_picture(3, 7))).has_alpha);
}

TEST(ProbeWebp, CountsFramesAndReadsExif) {
  EXPECT_EQ(must_probe(write_animated_webp(make_picture(20, 10), 5)).frames, 5u);
  const Bytes exif = exif_with_orientation(5);
  EXPECT_EQ(must_probe(with_webp_chunks(*encode(make_picture(9, 5), {}, {}, {}), {}, exif)).orientation, 5);
}

TEST(ProbeAvif, SaysWhatTheHeaderSays) {
  SourceInfo info = must_probe(write_avif(make_picture(70, 66)));
  EXPECT_EQ(info.format, ImageFormat::kAvif);
  EXPECT_EQ(info.width, 70u);
  EXPECT_EQ(info.height, 66u);
  EXPECT_EQ(info.bits, 8);
  EXPECT_EQ(info.channels, 3);
  EXPECT_FALSE(info.has_alpha);
  EXPECT_EQ(info.frames, 1u);
  info = must_probe(write_avif(make_picture(70, 66, 4), {.depth = 10}));
  EXPECT_EQ(info.bits, 10);
  EXPECT_TRUE(info.has_alpha);
  info = must_probe(write_avif(make_picture(70, 66), {.sampling = AvifSampling::k400, .depth = 12}));
  EXPECT_EQ(info.bits, 12);
  EXPECT_EQ(info.channels, 1);
  info = must_probe(write_avif(make_picture(64, 64), {.grid_columns = 3}));
  EXPECT_EQ(info.width, 192u);
  EXPECT_EQ(must_probe(write_avif(make_picture(64, 64), {.frames = 4})).frames, 4u);
}

TEST(ProbeGif, SaysWhatTheBlocksSay) {
  const Image image = with_six_levels(make_picture(40, 30));
  SourceInfo info = must_probe(write_gif(image));
  EXPECT_EQ(info.format, ImageFormat::kGif);
  EXPECT_EQ(info.width, 40u);
  EXPECT_EQ(info.height, 30u);
  EXPECT_EQ(info.frames, 1u);
  EXPECT_FALSE(info.has_alpha);
  info = must_probe(write_gif(image, {.screen_width = 64, .left = 10, .frames = 3}));
  EXPECT_EQ(info.width, 64u);
  EXPECT_EQ(info.frames, 3u);
  EXPECT_TRUE(info.has_alpha) << "the frame does not cover the screen";
  EXPECT_TRUE(must_probe(write_gif(image, {.transparent = true})).has_alpha);
}

TEST(ProbeGif, AZeroScreenIsCorrupt) {
  Bytes file = write_gif(with_six_levels(make_picture(40, 30)));
  file.data()[6] = 0;
  EXPECT_EQ(code_of(file), ErrorCode::kCorruptImage);
}

}  // namespace
}  // namespace tintype
