#include "kernels/ssimulacra2_formula.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/simd/ssimulacra2_scale.h"

namespace tintype::ssimulacra2 {
namespace {

TEST(Ssimulacra2Formula, HalvesAsLongAsBothSidesHaveEightPixels) {
  EXPECT_EQ(scale_count(8, 8), 2);
  EXPECT_EQ(scale_count(8, 4000), 2);
  EXPECT_EQ(scale_count(15, 15), 3);  // 15, 8, 4
  EXPECT_EQ(scale_count(127, 300), 6);
  EXPECT_EQ(scale_count(4000, 3000), 6);
}

TEST(Ssimulacra2Formula, NoErrorScoresOneHundredAndMoreErrorScoresLess) {
  std::vector<ScaleNorms> scales(6);
  EXPECT_EQ(score(scales), 100.0);
  double last = 100;
  for (const double error : {0.001, 0.01, 0.1, 0.5}) {
    for (ScaleNorms& scale : scales) {
      for (auto& channel : scale) channel.fill({error * 0.1, error});
    }
    EXPECT_LT(score(scales), last);
    last = score(scales);
  }
}

// The terms that simd/ leaves out can move a score by no more than they weigh together, times a norm of 1, times the
// steepest slope of the last step between scores 0 and 90.
TEST(Ssimulacra2Formula, WhatIsNotFeltWeighsNextToNothing) {
  double left_out = 0, felt = 0;
  for (int scale = 0; scale < 6; ++scale) {
    const simd::ScaleNeeds needs = simd::needs_at(6, scale);
    for (int channel = 0; channel < kChannels; ++channel) {
      for (const Map map : {kStructure, kRinging, kBlurring}) {
        const double both = weight(6, channel, scale, false, map) + weight(6, channel, scale, true, map);
        const bool looked_at = map == kStructure ? needs[channel].structure : needs[channel].edges;
        (looked_at ? felt : left_out) += both;
      }
    }
  }
  EXPECT_LT(left_out, 0.02);
  EXPECT_GT(felt, 880);
}

TEST(Ssimulacra2Formula, TheBlurKeepsAFlatPictureFlat) {
  const Blur blur = make_blur();
  // The impulse response: nine taps of sum 1, then silence.
  double sum = 0, echo = 0;
  double last[3] = {}, second[3] = {};
  for (int n = -kBlurAhead; n < 40; ++n) {
    double out = 0;
    for (int i = 0; i < kResonators; ++i) {
      const double in = (n == -kBlurAhead) + (n == kBlurBehind);
      const double y = blur.gain[i] * in - blur.turn[i] * last[i] - second[i];
      second[i] = last[i];
      last[i] = y;
      out += y;
    }
    (std::abs(n) <= 4 ? sum : echo) += std::abs(out);
  }
  EXPECT_NEAR(sum, 1, 1e-5);
  EXPECT_NEAR(echo, 0, 1e-4);
}

TEST(Ssimulacra2Formula, SrgbIsWithinTheApproximationsErrorOfTheStandard) {
  for (int sample = 0; sample < 256; ++sample) {
    const double v = sample / 255.0;
    const double exact = v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    EXPECT_NEAR(linear_from_srgb(static_cast<float>(v)), exact, 2e-6) << sample;
  }
}

TEST(Ssimulacra2Formula, OtherSizesAreAnErrorThatNamesThem) {
  SrgbView a, b;
  a.width = a.height = 9;
  b.width = 9, b.height = 10;
  EXPECT_NE(check_sizes(a, b).error().message.find("9 x 10"), std::string::npos);
  a.width = b.width = 7, b.height = 9;
  EXPECT_NE(check_sizes(a, b).error().message.find("7 x 9"), std::string::npos);
  EXPECT_EQ(check_sizes(a, b).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace tintype::ssimulacra2
