// libwebp's decoder shows exactly what the encoder reconstructed, whatever the picture and the settings.
#include <gtest/gtest.h>

#include "kernels/reference/vp8_encoder.h"
#include "kernels/simd/vp8_encoder.h"
#include "tests/kernels/vp8/judge.h"

namespace tintype::test {
namespace {

using vp8::Effort;
using vp8::Settings;

constexpr Effort kEfforts[] = {Effort::kFastest, Effort::kFast, Effort::kDefault, Effort::kBest};

void expect_exact(const Planes420& planes, const Settings& settings) {
  EXPECT_EQ("", judge(planes, settings, reference::encode_vp8));
}

TEST(Vp8DecoderJudge, EveryQualityAndEffort) {
  const Planes420 shapes = make_planes(Scene::kShapes, 75, 53, 1);
  for (const Effort effort : kEfforts) {
    for (int quality = 0; quality <= 100; ++quality) {
      expect_exact(shapes, {.quality = quality, .effort = effort, .partitions = quality % 2 ? 8 : 1});
    }
  }
}

TEST(Vp8DecoderJudge, EverySceneAtTheEndsOfTheScale) {
  for (const Scene scene : kScenes) {
    const Planes420 planes = make_planes(scene, 67, 83, 7);
    for (const Effort effort : kEfforts) {
      for (const int quality : {0, 30, 60, 75, 95, 100}) expect_exact(planes, {.quality = quality, .effort = effort});
    }
  }
}

TEST(Vp8DecoderJudge, SmallSizes) {
  for (std::uint32_t width : {1u, 2u, 3u, 15u, 16u, 17u, 31u, 33u}) {
    for (std::uint32_t height : {1u, 2u, 5u, 16u, 17u, 35u}) {
      for (const Scene scene : {Scene::kNoise, Scene::kShapes}) {
        expect_exact(make_planes(scene, width, height, width * 37 + height), {.quality = 80, .partitions = 8});
      }
    }
  }
}

TEST(Vp8DecoderJudge, LongestSides) {
  for (const Effort effort : kEfforts) {
    for (std::uint32_t narrow = 1; narrow <= 17; ++narrow) {
      const Settings settings{.quality = 50, .effort = effort, .partitions = narrow % 2 ? 8 : 1};
      EXPECT_EQ("", judge(make_planes(Scene::kShapes, vp8::kMostSide, narrow, narrow), settings, simd::encode_vp8));
      EXPECT_EQ("", judge(make_planes(Scene::kNoise, narrow, vp8::kMostSide, narrow), settings, simd::encode_vp8));
    }
  }
}

TEST(Vp8DecoderJudge, FiltersSegmentsPartitions) {
  const Planes420 shapes = make_planes(Scene::kShapes, 100, 90, 3);
  for (const bool simple : {false, true}) {
    for (const int strength : {0, 20, 60, 100}) {
      for (int sharpness = 0; sharpness <= 7; ++sharpness) {
        expect_exact(shapes, {.quality = 20 + 10 * sharpness,
                              .segments = 1 + sharpness % 4,
                              .simple_filter = simple,
                              .filter_strength = strength,
                              .filter_sharpness = sharpness});
      }
    }
  }
  for (const int partitions : {1, 2, 4, 8}) expect_exact(shapes, {.quality = 70, .partitions = partitions});
}

TEST(Vp8DecoderJudge, RefusesWhatIsNoPicture) {
  EXPECT_FALSE(reference::encode_vp8({}, {}));
  const Planes420 planes = make_planes(Scene::kFlat, 16, 16, 0);
  vp8::Picture wide = planes.picture();
  wide.width = vp8::kMostSide + 1;
  const auto refused = reference::encode_vp8(wide, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(ErrorCode::kInvalidArgument, refused.error().code);
  EXPECT_FALSE(reference::encode_vp8(planes.picture(), {.quality = 101}));
  EXPECT_FALSE(reference::encode_vp8(planes.picture(), {.quality = 75, .quarters = 4}));
  EXPECT_FALSE(reference::encode_vp8(planes.picture(), {.partitions = 3}));
}

}  // namespace
}  // namespace tintype::test
