// Noise: what the encoder expects of it, and that it is better there than libwebp.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/simd/vp8_encoder.h"
#include "kernels/vp8/bit_cost.h"
#include "kernels/vp8/expected_tokens.h"
#include "kernels/vp8/level_code.h"
#include "tests/kernels/vp8/libwebp.h"

namespace tintype::test {
namespace {

using namespace vp8;

TEST(Vp8ExpectedTokens, SpreadIsThatOfTheActivity) {
  std::mt19937 random(1);
  for (const double spread : {3.0, 10.0, 30.0}) {
    std::normal_distribution<double> normal(128, spread);
    std::uint8_t luma[256];
    for (std::uint8_t& pixel : luma) pixel = static_cast<std::uint8_t>(std::lround(normal(random)));
    EXPECT_NEAR(16 * spread, spread_of(activity_of(luma)), 16 * spread * 0.12);
  }
}

TEST(Vp8ExpectedTokens, OnlyPicturesLikeNoiseHaveTheirOwn) {
  Segments segments;
  segments.quantiser[0] = 26;
  const auto is_formats = [&](const std::vector<std::uint8_t>& activity) {
    const Probabilities expected = expected_probabilities(segments, activity), formats = Probabilities::of_format();
    return std::equal(&expected.tokens[0][0][0][0], &expected.tokens[0][0][0][0] + sizeof expected.tokens,
                      &formats.tokens[0][0][0][0]);
  };
  EXPECT_FALSE(is_formats(std::vector<std::uint8_t>(100, 220)));
  std::vector<std::uint8_t> with_some_smooth(100, 220);
  std::fill_n(with_some_smooth.begin(), 20, 100);
  EXPECT_TRUE(is_formats(with_some_smooth));
  EXPECT_TRUE(is_formats(std::vector<std::uint8_t>(100, 100))) << "even, but not rough";
  std::fill_n(with_some_smooth.begin(), 20, 200);
  EXPECT_TRUE(is_formats(with_some_smooth)) << "rough, but not evenly";
  EXPECT_TRUE(is_formats({}));
}

// What a level really costs, walked through its code.
struct Price {
  void node(int n, bool bit) { cost += bit_cost(bit, probs[n]); }
  void fixed(bool bit, int prob) { cost += bit_cost(bit, prob); }

  const std::uint8_t* probs;
  int cost = 0;
};

TEST(Vp8Costs, ArePricesOfTheLevelsHoweverLargeAreExpected) {
  for (const int spread_16 : {16, 40, 100, 220, 300, 400, 800, 2400}) {
    const Probabilities probabilities = normal_probabilities(spread_16);
    Vp8Costs costs[kVp8Kinds];
    fill_costs(probabilities, costs);
    for (const int kind : {kVp8SecondOrder, kVp8LumaWithDc}) {
      for (int level = 1; level <= spread_16 / 8 && level < 240; ++level) {
        Price price{probabilities.tokens[kind][1][2]};
        price.node(0, true);
        visit_magnitude(level, price);
        const double bits = price.cost / 256.0 + 1;
        EXPECT_NEAR(bits, vp8_token_cost(&costs[kind], 1, 2, level) / double{kVp8Unit}, 3)
            << "level " << level << " where the spread is " << spread_16 / 16.0;
      }
    }
  }
}

// At the bytes that libwebp -m 4 takes, between the two of our qualities that are next to them.
double gain_over_libwebp(const Planes420& planes, int quality) {
  const auto libwebp = libwebp_file(planes, quality);
  if (!libwebp) return NAN;
  double bytes_above = 0, psnr_above = 0;
  for (int ours = std::min(quality + 4, 100); ours >= 0; --ours) {
    const auto frame = simd::encode_vp8(planes.picture(), {.quality = ours});
    if (!frame) return NAN;
    const double bytes = static_cast<double>(frame->size() + 20), decibels = psnr(planes, decoded(*frame));
    const double wanted = static_cast<double>(libwebp->size());
    if (bytes <= wanted && bytes_above > 0) {
      const double at = std::lerp(decibels, psnr_above, (wanted - bytes) / (bytes_above - bytes));
      return at - psnr(planes, decoded(std::span(*libwebp).subspan(20)));
    }
    bytes_above = bytes;
    psnr_above = decibels;
  }
  return NAN;
}

TEST(Vp8Noise, IsBetterThanLibwebpsAtItsBytes) {
  Planes420 planes = make_planes(Scene::kNoise, 256, 256, 1);
  for (const int quality : {50, 75, 90}) EXPECT_GT(gain_over_libwebp(planes, quality), 0.05) << quality;
  std::ranges::fill(planes.u, std::uint8_t{128});
  planes.v = planes.u;
  for (const int quality : {50, 75, 90}) EXPECT_GT(gain_over_libwebp(planes, quality), 0.05) << "grey, " << quality;
}

}  // namespace
}  // namespace tintype::test
