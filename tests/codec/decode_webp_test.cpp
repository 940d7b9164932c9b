#include <gtest/gtest.h>

#include <cstring>

#include "codec/encode.h"
#include "tests/codec/support/decoding.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/judge.h"
#include "tests/codec/support/pictures.h"
#include "tests/codec/support/webp_writer.h"

namespace tintype {
namespace {

using namespace tintype::testing;

TEST(DecodeWebp, LosslessExactly) {
  for (const std::uint32_t channels : {3u, 4u}) {
    Image picture = make_picture(75, 43, channels);
    // libwebp does not keep the colour of what cannot be seen.
    if (channels == 4)
      for (std::uint32_t y = 0; y < picture.height; ++y)
        for (std::uint32_t x = 0; x < picture.width; ++x)
          if (std::uint8_t* p = picture.row(y) + std::size_t{x} * 4; p[3] == 0) p[0] = p[1] = p[2] = 0;
    EXPECT_TRUE(equal(must_decode(write_lossless_webp(picture)).image, picture)) << channels;
  }
}

TEST(DecodeWebp, LossyAsTheJudgeSeesIt) {
  const Bytes file = *encode(make_picture(175, 143), {.quality = 90}, {}, {});
  const std::optional<Image> judged = judge(file);
  ASSERT_TRUE(judged);
  EXPECT_GT(psnr(must_decode(file).image, *judged), 60);
}

TEST(DecodeWebp, TheFirstFrameOfAnAnimation) {
  const Image picture = make_picture(40, 24);
  const Decoded decoded = must_decode(write_animated_webp(picture, 3));
  EXPECT_TRUE(equal(as_rgb(decoded.image), picture));
  EXPECT_TRUE(warns_of(decoded, "animated with 3 frames"));
}

TEST(DecodeWebp, OrientationAndProfileAreRead) {
  const Image upright = make_picture(31, 17);
  const Bytes icc = p3_profile();
  for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
    const Bytes exif = exif_with_orientation(orientation);
    const Bytes file = with_webp_chunks(write_lossless_webp(stored_for(orientation, upright)), icc, exif);
    const Decoded decoded = must_decode(file);
    EXPECT_TRUE(equal(decoded.image, upright)) << int{orientation};
    EXPECT_EQ(decoded.metadata.icc.size(), icc.size());
  }
}

TEST(DecodeWebp, ACutFileIsTruncationAndItsRowsCanBeKept) {
  const Image picture = make_picture(128, 128);
  // One partition of tokens, as most files have: libwebp shows no rows before all partitions but the last are there.
  const Bytes file = *encode(picture, {.encoder = Encoder::kLibwebp, .quality = 90}, {}, {});
  const ByteView cut = file.view().first(file.size() * 2 / 3);
  EXPECT_EQ(refusal_of(cut), ErrorCode::kTruncatedImage);
  const Decoded kept = must_decode(cut, {.damaged = DamagedPolicy::kKeep});
  EXPECT_TRUE(warns_of(kept, "kept"));
  EXPECT_NEAR(kept.image.row(2)[0], picture.row(2)[0], 12);
  EXPECT_EQ(kept.image.row(127)[0], 0x80);
}

TEST(DecodeWebp, WrongDataAreCorruption) {
  Bytes file = write_lossless_webp(make_picture(64, 64));
  std::memset(file.data() + file.size() / 2, 0xFF, file.size() / 4);
  EXPECT_EQ(refusal_of(file), ErrorCode::kCorruptImage);
}

}  // namespace
}  // namespace tintype
