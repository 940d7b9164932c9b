#include <gtest/gtest.h>

#include "tests/codec/support/avif_writer.h"
#include "tests/codec/support/decoding.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/judge.h"
#include "tests/codec/support/pictures.h"

namespace tintype {
namespace {

using namespace tintype::testing;

TEST(DecodeAvif, EveryDepthAndSampling) {
  const Image picture = make_picture(98, 66);
  for (const int depth : {8, 10, 12})
    for (const AvifSampling sampling : {AvifSampling::k444, AvifSampling::k422, AvifSampling::k420}) {
      const Bytes file = write_avif(picture, {.sampling = sampling, .depth = depth});
      EXPECT_GT(psnr(must_decode(file).image, picture), 35) << depth << " bit, " << static_cast<int>(sampling);
    }
  const Image gray = as_gray(picture);
  EXPECT_GT(psnr(must_decode(write_avif(gray, {.sampling = AvifSampling::k400})).image, gray), 38);
}

TEST(DecodeAvif, AsAvifdecSeesIt) {
  if (!avifdec_is_there()) GTEST_SKIP() << "avifdec is not installed";
  const Bytes file = write_avif(make_picture(98, 66), {.sampling = AvifSampling::k420});
  const std::optional<Image> judged = judge_avif(file);
  ASSERT_TRUE(judged);
  EXPECT_GT(psnr(must_decode(file).image, *judged), 40);
}

TEST(DecodeAvif, AlphaIsKept) {
  const Image picture = make_picture(98, 66, 4);
  const Image image = must_decode(write_avif(picture)).image;
  ASSERT_EQ(image.channels, 4u);
  EXPECT_NEAR(image.row(30)[10 * 4 + 3], picture.row(30)[10 * 4 + 3], 4);
  EXPECT_NEAR(image.row(30)[90 * 4 + 3], picture.row(30)[90 * 4 + 3], 4);
}

// What a display does: turn anticlockwise, then mirror.
Image shown(const Image& stored, int quarter_turns, int mirror) {
  Image image = clone(stored);
  // stored_for(6) undoes a clockwise turn, so it turns anticlockwise; 4 swaps top and bottom, 2 left and
  // right.
  for (int i = 0; i < quarter_turns; ++i) image = stored_for(6, image);
  if (mirror == 0) image = stored_for(4, image);
  if (mirror == 1) image = stored_for(2, image);
  return image;
}

TEST(DecodeAvif, TurnsAndMirrorsAreApplied) {
  const Image stored = make_picture(98, 66);
  for (int turns = -1; turns < 4; ++turns)
    for (int mirror = -1; mirror < 2; ++mirror) {
      const Bytes file = write_avif(stored, {.quarter_turns = turns, .mirror = mirror});
      const Decoded decoded = must_decode(file);
      EXPECT_GT(psnr(decoded.image, shown(stored, turns, mirror)), 35) << "irot " << turns << " imir " << mirror;
    }
}

TEST(DecodeAvif, LibavifTurnsExifOrientationsTheSameWay) {
  const Image upright = make_picture(98, 66);
  for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
    const Bytes exif = exif_with_orientation(orientation);  // libavif writes irot and imir for it
    const Bytes file = write_avif(stored_for(orientation, upright), {.exif = exif});
    EXPECT_GT(psnr(must_decode(file).image, upright), 35) << int{orientation};
  }
}

TEST(DecodeAvif, ExifOrientationDoesNotCount) {
  const Image picture = make_picture(98, 66);
  const Bytes exif = exif_with_orientation(1);
  Bytes file = write_avif(picture, {.exif = exif});
  // libavif derives irot from what it is given, so the value is changed in the file.
  const std::size_t at = as_text(file).find("\x12\x01\x03");
  ASSERT_NE(at, std::string_view::npos);
  file.data()[at + 8] = 6;
  const Decoded decoded = must_decode(file);
  EXPECT_EQ(decoded.image.width, 98u);
}

TEST(DecodeAvif, AGridIsOnePicture) {
  const Image tile = make_picture(64, 64);
  const Image image = must_decode(write_avif(tile, {.grid_columns = 3})).image;
  EXPECT_EQ(image.width, 192u);
  EXPECT_EQ(image.height, 64u);
  EXPECT_NEAR(image.row(32)[(128 + 10) * 3], tile.row(32)[10 * 3], 10);
}

TEST(DecodeAvif, TheFirstFrameOfASequence) {
  const Image picture = make_picture(64, 64);
  const Decoded decoded = must_decode(write_avif(picture, {.frames = 3}));
  EXPECT_GT(psnr(decoded.image, picture), 35);
  EXPECT_TRUE(warns_of(decoded, "animated"));
}

TEST(DecodeAvif, ColoursByCodePoints) {
  const Image picture = make_picture(64, 64);
  EXPECT_TRUE(must_decode(write_avif(picture)).metadata.icc.empty());
  EXPECT_TRUE(must_decode(write_avif(picture, {.primaries = 2, .transfer = 2})).metadata.icc.empty());
  EXPECT_TRUE(must_decode(write_avif(picture, {.primaries = 1, .transfer = 1})).metadata.icc.empty());
  const Decoded p3 = must_decode(write_avif(picture, {.primaries = 12}));
  EXPECT_FALSE(p3.metadata.icc.empty());
  EXPECT_FALSE(p3.metadata.icc_is_srgb);
  EXPECT_EQ(refusal_of(write_avif(picture, {.depth = 10, .primaries = 9, .transfer = 16})),
            ErrorCode::kUnsupportedImage);
  EXPECT_EQ(refusal_of(write_avif(picture, {.depth = 10, .primaries = 9, .transfer = 18})),
            ErrorCode::kUnsupportedImage);
  const Bytes icc = p3_profile();
  EXPECT_EQ(must_decode(write_avif(picture, {.icc = icc})).metadata.icc.size(), icc.size());
}

TEST(DecodeAvif, ACutFileIsTruncation) {
  const Image picture = make_picture(98, 66);
  const Bytes still = write_avif(picture), sequence = write_avif(picture, {.frames = 3});
  EXPECT_EQ(refusal_of(still.view().first(still.size() * 2 / 3)), ErrorCode::kTruncatedImage);
  const ByteView cut = sequence.view().first(sequence.size() - 1);
  EXPECT_EQ(refusal_of(cut), ErrorCode::kTruncatedImage) << "a later frame is cut";
  EXPECT_TRUE(warns_of(must_decode(cut, {.damaged = DamagedPolicy::kKeep}), "kept"));
}

TEST(DecodeAvif, BytesBehindThePictureAreNoDamage) {
  const Bytes file = write_avif(make_picture(98, 66));
  const std::string longer = std::string(as_text(file)) + std::string(500, 'z');
  EXPECT_EQ(must_decode(as_bytes(longer)).image.width, 98u);
}

}  // namespace
}  // namespace tintype
