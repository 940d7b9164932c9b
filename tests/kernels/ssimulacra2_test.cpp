// The fast SSIMULACRA 2 against the reference, on every instruction set of this machine.
#include <gtest/gtest.h>

#include <thread>

#include "kernels/reference/ssimulacra2.h"
#include "kernels/simd/ssimulacra2.h"
#include "kernels/simd/targets.h"
#include "tests/kernels/scenes.h"

namespace tintype {
namespace {

using testing::distorted;
using testing::make_scene;
using testing::Scene;

struct Size {
  std::uint32_t width, height;
};
constexpr Size kSizes[] = {{8, 8},   {9, 8},    {8, 31},  {15, 15},  {16, 17},   {17, 40},  {23, 64},
                           {63, 65}, {129, 97}, {64, 64}, {250, 31}, {257, 258}, {513, 300}};

double reference_score(const Scene& a, const Scene& b) { return *reference::ssimulacra2(a.view(), b.view()); }

struct Case {
  Scene original, candidate;
  double strength, wanted;
};
// The reference takes its time: once for all instruction sets.
const std::vector<Case>& cases() {
  static const std::vector<Case> made = [] {
    std::vector<Case> all;
    unsigned seed = 1;
    for (const Size size : kSizes) {
      for (const double strength : {0.1, 0.5, 0.9}) {
        const Scene original = make_scene(size.width, size.height, ++seed);
        const Scene candidate = distorted(original, strength, seed);
        all.push_back({original, candidate, strength, reference_score(original, candidate)});
      }
    }
    return all;
  }();
  return made;
}

class Ssimulacra2OnTarget : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { simd::use_target(GetParam()); }
  void TearDown() override { simd::use_target(""); }
  // Without fused multiply-add the blur rounds otherwise, and its noise is part of the score.
  double tolerance() const { return GetParam().starts_with("SS") ? 0.5 : 0.01; }
};

TEST_P(Ssimulacra2OnTarget, AgreesWithTheReferenceAtEverySize) {
  for (const Case& one : cases()) {
    EXPECT_NEAR(*simd::ssimulacra2(one.original.view(), one.candidate.view()), one.wanted, tolerance())
        << one.original.width << " x " << one.original.height << ", strength " << one.strength;
  }
}

TEST_P(Ssimulacra2OnTarget, APreparedOriginalGivesWhatASingleComparisonGives) {
  const Scene original = make_scene(333, 217, 5);
  const auto prepared = simd::Ssimulacra2Reference::prepare(original.view());
  ASSERT_TRUE(prepared);
  for (const double strength : {0.0, 0.2, 0.7}) {
    const Scene candidate = distorted(original, strength, 6);
    EXPECT_EQ(*prepared->score(candidate.view()), *simd::ssimulacra2(original.view(), candidate.view()));
  }
}

TEST_P(Ssimulacra2OnTarget, AlphaIsBlendedAsInTheReference) {
  const Scene clear = make_scene(70, 51, 7, 4), opaque = make_scene(70, 51, 7, 3);
  const Scene worse_clear = distorted(clear, 0.5, 8), worse_opaque = distorted(opaque, 0.5, 8);
  for (const auto& [a, b] : {std::pair{clear, worse_clear}, {clear, worse_opaque}, {opaque, worse_clear}}) {
    EXPECT_NEAR(*simd::ssimulacra2(a.view(), b.view()), reference_score(a, b), tolerance());
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, Ssimulacra2OnTarget, ::testing::ValuesIn(simd::targets()),
                         [](const auto& target) { return target.param; });

TEST(Ssimulacra2, TheSamePictureScoresOneHundred) {
  const Scene scene = make_scene(200, 150, 3);
  EXPECT_EQ(*simd::ssimulacra2(scene.view(), scene.view()), 100.0);
  EXPECT_EQ(reference_score(scene, scene), 100.0);
}

TEST(Ssimulacra2, WorsePicturesScoreLess) {
  const Scene scene = make_scene(400, 300, 4);
  double last = 100;
  for (const double strength : {0.05, 0.2, 0.5, 1.0}) {
    const double score = *simd::ssimulacra2(scene.view(), distorted(scene, strength, 5).view());
    EXPECT_LT(score, last - 1) << strength;
    last = score;
  }
}

TEST(Ssimulacra2, PlanarAndPaddedSamplesAreReadAsInterleavedOnes) {
  const Scene original = make_scene(61, 47, 9), candidate = distorted(original, 0.4, 9);
  const double wanted = *simd::ssimulacra2(original.view(), candidate.view());
  const std::size_t stride = 80;
  std::vector<std::uint8_t> planes[3];
  for (std::uint32_t c = 0; c < 3; ++c) {
    planes[c].assign(stride * candidate.height, 0x77);
    for (std::uint32_t y = 0; y < candidate.height; ++y) {
      for (std::uint32_t x = 0; x < candidate.width; ++x) {
        planes[c][y * stride + x] = candidate.samples[(std::size_t{y} * candidate.width + x) * 3 + c];
      }
    }
  }
  const SrgbView planar{
      candidate.width, candidate.height, planes[0].data(), planes[1].data(), planes[2].data(), nullptr, 1, stride};
  EXPECT_EQ(*simd::ssimulacra2(original.view(), planar), wanted);
}

TEST(Ssimulacra2, OneOriginalServesManyThreads) {
  const Scene original = make_scene(300, 200, 11);
  const auto prepared = simd::Ssimulacra2Reference::prepare(original.view());
  ASSERT_TRUE(prepared);
  std::vector<double> scores(4), wanted(4);
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < scores.size(); ++i) {
      threads.emplace_back([&, i] { scores[i] = *prepared->score(distorted(original, 0.2 * i, i).view()); });
    }
  }
  for (unsigned i = 0; i < scores.size(); ++i) wanted[i] = *prepared->score(distorted(original, 0.2 * i, i).view());
  EXPECT_EQ(scores, wanted);
}

TEST(Ssimulacra2, OtherSizesAndTinyPicturesAreRefused) {
  const Scene a = make_scene(20, 20, 1), b = make_scene(20, 21, 1), tiny = make_scene(7, 20, 1);
  EXPECT_EQ(simd::ssimulacra2(a.view(), b.view()).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(simd::Ssimulacra2Reference::prepare(tiny.view()).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(simd::Ssimulacra2Reference::prepare(a.view())->score(b.view()).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(reference::ssimulacra2(tiny.view(), tiny.view()).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace tintype
