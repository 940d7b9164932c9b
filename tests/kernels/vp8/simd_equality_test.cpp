// Every instruction set of this machine gives the reference's bytes.
#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/reference/vp8_encoder.h"
#include "kernels/simd/targets.h"
#include "kernels/simd/vp8_encoder.h"
#include "tests/kernels/vp8/judge.h"

namespace tintype::test {
namespace {

using vp8::Effort;
using vp8::Settings;

class Vp8Simd : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { simd::use_target(GetParam()); }
  void TearDown() override { simd::use_target(""); }

  void expect_equal(const Planes420& planes, const Settings& settings) {
    const auto plain = reference::encode_vp8(planes.picture(), settings);
    const auto fast = simd::encode_vp8(planes.picture(), settings);
    ASSERT_TRUE(plain && fast) << describe(planes, settings);
    EXPECT_TRUE(std::ranges::equal(plain->view(), fast->view())) << describe(planes, settings);
  }
};

TEST_P(Vp8Simd, EveryEffortAndQuality) {
  const Planes420 shapes = make_planes(Scene::kShapes, 100, 52, 5);
  for (const Effort effort : {Effort::kFastest, Effort::kFast, Effort::kDefault, Effort::kBest}) {
    for (int quality = 0; quality <= 100; quality += 7) expect_equal(shapes, {.quality = quality, .effort = effort});
  }
}

TEST_P(Vp8Simd, EveryScene) {
  for (const Scene scene : kScenes) {
    for (const int quality : {0, 20, 60, 80, 100}) {
      expect_equal(make_planes(scene, 83, 67, 11), {.quality = quality});
      expect_equal(make_planes(scene, 83, 67, 11), {.quality = quality, .effort = Effort::kFast});
    }
  }
}

TEST_P(Vp8Simd, SmallSizes) {
  for (std::uint32_t side = 1; side <= 40; side += 3) {
    expect_equal(make_planes(Scene::kShapes, side, 41 - side, side), {.quality = 70});
    expect_equal(make_planes(Scene::kNoise, 41 - side, side, side), {.quality = 90, .partitions = 4});
  }
}

// More macroblocks than have their tokens kept.
TEST(Vp8LargePicture, IsExactAndRationsItsModes) {
  const Planes420 noise = make_planes(Scene::kNoise, 2064, 2064, 3);
  EXPECT_EQ("", judge(noise, {.quality = 40, .effort = Effort::kFast, .partitions = 8}, simd::encode_vp8));
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Targets, Vp8Simd, ::testing::ValuesIn(simd::targets()), test_name);

}  // namespace
}  // namespace tintype::test
