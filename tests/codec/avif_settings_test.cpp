#include "codec/avif/avif_settings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace tintype {
namespace {

EncodeOptions at(int effort, int quality = 60) {
  return {.format = ImageFormat::kAvif, .encoder = Encoder::kAom, .quality = quality, .effort = effort};
}

bool says(const AvifSettings& settings, std::string_view key) {
  return std::ranges::any_of(settings.options, [&](const AvifSettings::Option& option) { return option.key == key; });
}

std::vector<std::uint8_t> plane(std::uint32_t side, auto&& value) {
  std::vector<std::uint8_t> samples;
  for (std::uint32_t y = 0; y < side; ++y)
    for (std::uint32_t x = 0; x < side; ++x) samples.push_back(static_cast<std::uint8_t>(value(x, y)));
  return samples;
}

TEST(AvifSettings, EffortIsTenMinusSpeedWhereThePictureDoesNotSayOtherwise) {
  for (int effort = 0; effort <= 10; ++effort) {
    const AvifSettings settings = avif_settings(at(effort), PictureKind::kSmooth, true);
    EXPECT_EQ(settings.speed, 10 - effort);
    EXPECT_EQ(settings.depth, settings.speed >= 8 ? 10 : 8);
    EXPECT_TRUE(says(settings, "tune"));
    EXPECT_FALSE(says(settings, "enable-rect-partitions"));
  }
  EXPECT_EQ(avif_settings(at(1), PictureKind::kSmooth, false).depth, 8);
}

TEST(AvifSettings, ToolsFollowThePicture) {
  EXPECT_EQ(avif_settings(at(1), PictureKind::kText, true).speed, 8);
  EXPECT_EQ(avif_settings(at(1), PictureKind::kSlanted, true).speed, 8);
  EXPECT_EQ(avif_settings(at(1), PictureKind::kSlanted, true).depth, 8);
  EXPECT_EQ(avif_settings(at(2), PictureKind::kSlanted, true).depth, 10);
  EXPECT_EQ(avif_settings(at(1), PictureKind::kTextured, true).speed, 9);
  EXPECT_EQ(avif_settings(at(1), PictureKind::kDense, true).speed, 9);
  EXPECT_TRUE(says(avif_settings(at(5), PictureKind::kSlanted, true), "enable-rect-partitions"));
  EXPECT_EQ(avif_settings(at(5), PictureKind::kTextured, true).speed, 5);
  EXPECT_TRUE(says(avif_settings(at(5), PictureKind::kTextured, true), "enable-rect-partitions"));
  EXPECT_EQ(avif_settings(at(5), PictureKind::kDense, true).speed, 6);
}

TEST(AvifSettings, OnlyTextHasPalettesAtSpeed8) {
  EXPECT_TRUE(says(avif_settings(at(2), PictureKind::kSmooth, true), "enable-palette"));
  EXPECT_TRUE(says(avif_settings(at(1), PictureKind::kSlanted, true), "enable-palette"));
  EXPECT_FALSE(says(avif_settings(at(2), PictureKind::kText, true), "enable-palette"));
  EXPECT_FALSE(says(avif_settings(at(1), PictureKind::kSmooth, true), "enable-palette"));
  EXPECT_FALSE(says(avif_settings(at(3), PictureKind::kSmooth, true), "enable-palette"));
}

TEST(AvifSettings, QuartersAreTheNextQualityWithLessAndLessTakenBack) {
  const auto taken_back = [](int quarters) {
    EncodeOptions options = at(4);
    options.quarters = quarters;
    const AvifSettings settings = avif_settings(options, PictureKind::kSmooth, true);
    EXPECT_EQ(settings.quality, avif_settings(at(4, quarters > 0 ? 61 : 60), PictureKind::kSmooth, true).quality);
    return std::pair(says(settings, "sharpness"), says(settings, "enable-chroma-deltaq"));
  };
  EXPECT_EQ(taken_back(0), std::pair(false, false));
  EXPECT_EQ(taken_back(1), std::pair(true, true));
  EXPECT_EQ(taken_back(2), std::pair(true, false));
  EXPECT_EQ(taken_back(3), std::pair(false, true));
}

TEST(AvifSettings, QualityRisesWithWhatIsAskedAtEverySpeed) {
  for (int effort = 0; effort <= 10; ++effort) {
    int last = -1;
    for (int quality = 0; quality <= 100; ++quality) {
      const int given = avif_settings(at(effort, quality), PictureKind::kSmooth, true).quality;
      EXPECT_GE(given, last);
      last = given;
    }
    EXPECT_EQ(avif_settings(at(effort, 0), PictureKind::kSmooth, true).quality, 0);
    EXPECT_EQ(last, 100);
  }
  EXPECT_EQ(avif_settings(at(4, 50), PictureKind::kSmooth, true).quality, 50) << "speed 6 is what the scale is of";
}

TEST(PictureKind, IsToldFromLuma) {
  constexpr std::uint32_t kSide = 256;
  const auto kind = [&](const std::vector<std::uint8_t>& luma) {
    return kind_of_picture(luma.data(), kSide, kSide, kSide);
  };
  EXPECT_EQ(kind(plane(kSide, [](auto x, auto y) { return (x + y) / 2; })), PictureKind::kSmooth);
  EXPECT_EQ(kind(plane(kSide, [](auto x, auto y) { return (x * 2654435761u ^ y * 40503u) >> 8 & 63; })),
            PictureKind::kDense);
  EXPECT_EQ(
      kind(plane(kSide,
                 [](auto x, auto y) { return y % 2 == 0 && x < 128 ? (x * 2654435761u ^ y * 40503u) >> 8 & 31 : 90; })),
      PictureKind::kTextured);
  // Stripes over half of it: slanted, and standing up.
  EXPECT_EQ(kind(plane(kSide, [](auto x, auto y) { return x < 128 && (x + y) % 16 < 8 ? 200 : 90; })),
            PictureKind::kSlanted);
  EXPECT_EQ(kind(plane(kSide, [](auto x, auto) { return x < 128 && x % 8 < 4 ? 200 : 90; })), PictureKind::kTextured);
  EXPECT_EQ(kind(plane(kSide, [](auto x, auto y) { return y % 64 < 8 && x % 6 < 2 ? 20 : 235; })), PictureKind::kText);
  const std::vector<std::uint8_t> tiny(25, 9);
  EXPECT_EQ(kind_of_picture(tiny.data(), 5, 5, 5), PictureKind::kSmooth);
}

}  // namespace
}  // namespace tintype
