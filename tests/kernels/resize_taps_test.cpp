#include "kernels/resize_taps.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>
#include <vector>

namespace tintype {
namespace {

std::vector<int> weights_over_input(const ResizeTaps& taps, std::uint32_t sample) {
  std::vector<int> all(taps.in_samples);
  for (std::uint32_t k = 0; k < taps.count; ++k) all[taps.first[sample] + k] = taps.weights_of(sample)[k];
  return all;
}

double centre_of(const std::vector<int>& weights) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += (static_cast<double>(i) + 0.5) * weights[i];
  return sum / kTapOne;
}

TEST(ResizeTaps, WeightsOfEverySampleAddUpToOneWhateverTheSizes) {
  for (const std::uint32_t in : {1u, 2u, 3u, 7u, 64u, 1001u}) {
    for (const std::uint32_t out : {1u, 2u, 5u, 64u, 333u}) {
      for (const bool pairs : {false, true}) {
        const ResizeTaps taps = make_resize_taps({in, in - 0.25, out, pairs, false, in % 3});
        ASSERT_EQ(taps.out_samples, pairs ? (out + 1) / 2 : out);
        for (std::uint32_t i = 0; i < taps.out_samples; ++i) {
          ASSERT_LE(taps.first[i] + taps.count, in);
          const std::int16_t* weights = taps.weights_of(i);
          ASSERT_EQ(std::accumulate(weights, weights + taps.stride, 0), kTapOne) << in << " to " << out << " at " << i;
        }
      }
    }
  }
}

TEST(ResizeTaps, ThePictureKeepsItsPlace) {
  const ResizeTaps taps = make_resize_taps({400, 400, 130, false, false});
  for (std::uint32_t i = 8; i < 122; ++i)
    EXPECT_NEAR(centre_of(weights_over_input(taps, i)), (i + 0.5) * 400 / 130, 0.01);
}

TEST(ResizeTaps, PairsAreTheMeanOfTheirTwoPixels) {
  const ResizeTaps pixels = make_resize_taps({400, 399.5, 131, false, false});
  const ResizeTaps pairs = make_resize_taps({400, 399.5, 131, true, false});
  ASSERT_EQ(pairs.out_samples, 66u);
  for (std::uint32_t i = 0; i < 66; ++i) {
    const std::vector<int> left = weights_over_input(pixels, 2 * i);
    const std::vector<int> right = weights_over_input(pixels, std::min(2 * i + 1, 130u));
    const std::vector<int> mean = weights_over_input(pairs, i);
    for (std::size_t k = 0; k < mean.size(); ++k) ASSERT_NEAR(mean[k], (left[k] + right[k]) / 2.0, 10);
  }
}

// What is left of a wave of `frequency` periods a sample of the whole input, of which each of `taps`' samples is a mean
// of 2^halvings.
double passed(const ResizeTaps& taps, std::uint32_t sample, std::uint32_t halvings, double frequency) {
  const std::vector<int> weights = weights_over_input(taps, sample);
  const std::uint32_t each = 1u << halvings;
  std::complex<double> sum = 0;
  for (std::uint32_t i = 0; i < each * taps.in_samples; ++i)
    sum +=
        static_cast<double>(weights[i / each]) / each / kTapOne * std::polar(1.0, 2 * std::numbers::pi * frequency * i);
  return std::abs(sum);
}

TEST(ResizeTaps, WhatHalvingTookIsGivenBack) {
  constexpr std::uint32_t kIn = 960;
  for (const bool pairs : {false, true}) {
    for (const std::uint32_t halvings : {1u, 2u}) {
      const std::uint32_t out = 424 >> halvings, left = kIn >> halvings, sample = pairs ? out / 4 : out / 2;
      const ResizeTaps straight = make_resize_taps({kIn, kIn, out, pairs, false});
      const ResizeTaps given_back = make_resize_taps({left, static_cast<double>(left), out, pairs, false, halvings});
      const ResizeTaps soft = make_resize_taps({left, static_cast<double>(left), out, pairs, false});
      const double nyquist = 0.5 * out / kIn;
      double worst = 0, worst_of_soft = 0;
      for (double frequency = 0; frequency < 0.9 * nyquist; frequency += nyquist / 50) {
        const double expected = passed(straight, sample, 0, frequency);
        worst = std::max(worst, std::abs(passed(given_back, sample, halvings, frequency) - expected));
        worst_of_soft = std::max(worst_of_soft, std::abs(passed(soft, sample, halvings, frequency) - expected));
      }
      EXPECT_LT(worst, 0.015) << pairs << halvings;
      EXPECT_GT(worst_of_soft, 2 * worst) << pairs << halvings;
    }
  }
}

TEST(ResizeTaps, MirroredIsTheSameFromTheOtherEnd) {
  for (const bool pairs : {false, true}) {
    const ResizeTaps plain = make_resize_taps({60, 60, 22, pairs, false});
    const ResizeTaps mirrored = make_resize_taps({60, 60, 22, pairs, true});
    for (std::uint32_t i = 0; i < plain.out_samples; ++i) {
      std::vector<int> reversed = weights_over_input(mirrored, i);
      std::reverse(reversed.begin(), reversed.end());
      const std::vector<int> expected = weights_over_input(plain, i);
      for (std::size_t k = 0; k < expected.size(); ++k) ASSERT_NEAR(reversed[k], expected[k], 2);
    }
  }
}

TEST(ResizeTaps, SamplesThatAreWantedAsTheyAreAreCopied) {
  for (const auto& [in, extent, out, pairs] :
       {std::tuple{9u, 9.0, 9u, false}, std::tuple{5u, 4.5, 9u, true}, std::tuple{5u, 5.0, 10u, true}}) {
    const ResizeTaps taps = make_resize_taps({in, extent, out, pairs, false});
    EXPECT_EQ(taps.count, 1u);
    for (std::uint32_t i = 0; i < taps.out_samples; ++i) EXPECT_EQ(taps.first[i], i);
  }
}

}  // namespace
}  // namespace tintype
