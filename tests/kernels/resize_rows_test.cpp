// kernels/simd against kernels/reference: equal bits on every instruction set that this machine has.
#include "kernels/simd/resize_rows.h"

#include <gtest/gtest.h>

#include <hwy/targets.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace tintype {
namespace {

constexpr std::size_t kSizes[] = {1, 2, 3, 15, 16, 17, 31, 33, 64, 100, 1001};

class OnEveryTarget : public ::testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override {
    hwy::SetSupportedTargetsForTest(GetParam());
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  void TearDown() override {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }

  template <typename T>
  std::vector<T> random_row(std::size_t samples, int low, int high) {
    std::uniform_int_distribution<int> value(low, high);
    std::vector<T> row(samples + kRowSlack);
    for (T& sample : row) sample = static_cast<T>(value(random_));
    return row;
  }
  template <typename T>
  static std::vector<T> first(std::vector<T> row, std::size_t samples) {
    row.resize(samples);
    return row;
  }

  std::mt19937 random_{7};
};

TEST_P(OnEveryTarget, WidensRows) {
  for (const std::size_t n : kSizes) {
    const std::vector<std::uint8_t> in = first(random_row<std::uint8_t>(n, 0, 255), n);
    std::vector<std::int16_t> expected(n + kRowSlack), actual(n + kRowSlack);
    reference::widen_row(in.data(), n, expected.data());
    simd::widen_row(in.data(), n, actual.data());
    ASSERT_EQ(first(actual, n), first(expected, n)) << n;
  }
}

TEST_P(OnEveryTarget, HalvesRows) {
  for (const std::size_t n : kSizes) {
    const auto upper = random_row<std::int16_t>(2 * n, 0, 32640);
    const auto lower = random_row<std::int16_t>(2 * n, 0, 32640);
    std::vector<std::int16_t> expected(n + kRowSlack), actual(n + kRowSlack);
    reference::halve_rows(upper.data(), lower.data(), n, expected.data());
    simd::halve_rows(upper.data(), lower.data(), n, actual.data());
    ASSERT_EQ(first(actual, n), first(expected, n)) << n;
  }
}

TEST_P(OnEveryTarget, MixesRows) {
  for (const std::size_t n : kSizes) {
    const ResizeTaps taps = make_resize_taps({500, 500, 240, false, false});
    std::vector<std::vector<std::int16_t>> rows;
    std::vector<const std::int16_t*> pointers;
    for (std::uint32_t k = 0; k < taps.count; ++k) rows.push_back(random_row<std::int16_t>(n, 0, 32640));
    for (const auto& row : rows) pointers.push_back(row.data());
    std::vector<std::int16_t> expected(n + kRowSlack), actual(n + kRowSlack);
    reference::mix_rows(pointers.data(), taps.weights_of(100), taps.count, n, expected.data());
    simd::mix_rows(pointers.data(), taps.weights_of(100), taps.count, n, actual.data());
    ASSERT_EQ(first(actual, n), first(expected, n)) << n;
  }
}

TEST_P(OnEveryTarget, FiltersRows) {
  for (const std::size_t in_samples : kSizes) {
    for (const std::uint32_t out : {1u, 3u, 4u, 37u, 400u}) {
      for (const bool pairs : {false, true}) {
        const ResizeTaps taps = make_resize_taps(
            {static_cast<std::uint32_t>(in_samples), static_cast<double>(in_samples), out, pairs, true});
        const auto in = random_row<std::int16_t>(in_samples, -5000, 21000);
        std::vector<std::uint16_t> expected(taps.out_samples + kRowSlack), actual(taps.out_samples + kRowSlack);
        reference::filter_row(in.data(), taps, expected.data());
        simd::filter_row(in.data(), taps, actual.data());
        ASSERT_EQ(first(actual, taps.out_samples), first(expected, taps.out_samples)) << in_samples << " to " << out;
      }
    }
  }
}

TEST_P(OnEveryTarget, CodesEveryValue) {
  std::vector<std::uint16_t> in(kFineMax + 1);
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<std::uint16_t>(i);
  for (const SampleCode code : {kVideoLuma, kVideoChroma, kFull8, kFull10}) {
    std::vector<std::uint16_t> expected(in.size()), actual(in.size());
    reference::code_row(in.data(), in.size(), code, expected.data());
    simd::code_row(in.data(), in.size(), code, actual.data());
    ASSERT_EQ(actual, expected);
    if (code.scale == kFull10.scale) continue;
    std::vector<std::uint8_t> expected8(in.size()), actual8(in.size());
    reference::code_row(in.data(), in.size(), code, expected8.data());
    simd::code_row(in.data(), in.size(), code, actual8.data());
    ASSERT_EQ(actual8, expected8);
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, OnEveryTarget, ::testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const auto& target) { return std::string(hwy::TargetName(target.param)); });

// The codes themselves, against the formulas of BT.601 in floating point: rounded to nearest.
TEST(SampleCodes, RoundToNearest) {
  for (int value = 0; value <= kFineMax; ++value) {
    const auto sample = static_cast<std::uint16_t>(value);
    const double level = value / 64.0;
    const auto coded = [&](SampleCode code) {
      std::uint16_t out = 0;
      reference::code_row(&sample, 1, code, &out);
      return static_cast<double>(out);
    };
    ASSERT_NEAR(coded(kVideoLuma), 16 + level * 219 / 255, 0.502);
    ASSERT_NEAR(coded(kVideoChroma), 128 + (level - 128) * 224 / 255, 0.502);
    ASSERT_NEAR(coded(kFull8), level, 0.5);
    ASSERT_NEAR(coded(kFull10), level * 1023 / 255, 0.502);
  }
}

}  // namespace
}  // namespace tintype
