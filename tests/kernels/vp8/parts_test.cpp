// The parts of the VP8 encoder that a whole picture would not pin down.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/shared/vp8/transform.h"
#include "kernels/vp8/bit_cost.h"
#include "kernels/vp8/bool_writer.h"
#include "kernels/vp8/mode_budget.h"
#include "kernels/vp8/quality.h"
#include "kernels/vp8/segments.h"

namespace tintype::test {
namespace {

using namespace vp8;

// The decoder of RFC 6386, section 7.3.
class BoolReader {
 public:
  explicit BoolReader(ByteView bytes) : bytes_(bytes) { value_ = next() << 8 | next(); }
  bool get(std::uint32_t prob) {
    const std::uint32_t split = 1 + (((range_ - 1) * prob) >> 8);
    const bool bit = value_ >= split << 8;
    range_ = bit ? range_ - split : split;
    if (bit) value_ -= split << 8;
    for (; range_ < 128; range_ <<= 1) {
      value_ <<= 1;
      if (++shifted_ == 8) {
        shifted_ = 0;
        value_ |= next();
      }
    }
    return bit;
  }

 private:
  std::uint32_t next() { return at_ < bytes_.size() ? bytes_[at_++] : 0; }

  ByteView bytes_;
  std::size_t at_ = 0;
  std::uint32_t value_ = 0, range_ = 255;
  int shifted_ = 0;
};

TEST(Vp8Segments, QuartersOfAQualityAreFinerForOneGroupAfterTheOther) {
  std::vector<std::uint8_t> activity;
  for (const std::uint8_t group : {60, 90, 120, 150}) activity.insert(activity.end(), 25, group);
  const auto sum = [&](int quality, int quarters) {
    const Segments segments = segments_by_activity({.quality = quality, .quarters = quarters}, activity);
    int all = 0;
    for (const std::size_t macroblock : {0, 25, 50, 75}) all += segments.quantiser[segments.of_macroblock[macroblock]];
    return all;
  };
  for (int quality = 30; quality < 95; ++quality) {
    const int here = sum(quality, 0), next = sum(quality + 1, 0);
    for (int quarters = 1; quarters < 4; ++quarters) {
      EXPECT_LE(sum(quality, quarters), sum(quality, quarters - 1)) << quality;
      EXPECT_GE(sum(quality, quarters), next) << quality;
    }
    if (here - next >= 4) {
      EXPECT_LT(sum(quality, 2), here) << quality;
      EXPECT_GT(sum(quality, 2), next) << quality;
    }
  }
  EXPECT_LT(segments_by_activity({.quality = 76, .quarters = 1}, activity).quantiser[0],
            segments_by_activity({.quality = 76}, activity).quantiser[0])
      << "the smoothest is the first";
}

TEST(Vp8Segments, DegreesOfSmoothnessAreNotToldApart) {
  std::vector<std::uint8_t> activity;
  for (const std::uint8_t group : {0, 60, 85, 110}) activity.insert(activity.end(), 25, group);
  EXPECT_EQ(1, segments_by_activity({.quality = 75}, activity).count);
  // Neither do they make the rest coarser, however smooth they are.
  std::vector<std::uint8_t> faint(100, 100), black(100, 0);
  for (std::vector<std::uint8_t>* with : {&faint, &black}) with->insert(with->end(), 100, 180);
  const auto quantiser_of_last = [](const std::vector<std::uint8_t>& of) {
    const Segments segments = segments_by_activity({.quality = 75}, of);
    return segments.quantiser[segments.of_macroblock.back()];
  };
  EXPECT_EQ(quantiser_of_last(faint), quantiser_of_last(black));
}

TEST(Vp8Segments, WhereItIsSmoothTheFilterIsStrongerForItsStepAndChromaWeighsLess) {
  std::vector<std::uint8_t> activity(100, 100);
  activity.insert(activity.end(), 100, 200);
  const Segments segments = segments_by_activity({.quality = 50}, activity);
  const std::uint8_t smooth = segments.of_macroblock.front(), rough = segments.of_macroblock.back();
  EXPECT_GT(segments.filter_level[smooth] * kVp8AcSteps[segments.quantiser[rough]],
            segments.filter_level[rough] * kVp8AcSteps[segments.quantiser[smooth]]);
  EXPECT_LT(segments.chroma_weight[smooth], segments.chroma_weight[rough]);
  EXPECT_EQ(0, segments_by_activity({.quality = 50, .filter_strength = 0}, activity).filter_level[0]);
}

TEST(Vp8BoolWriter, ReadsBackAtEveryLengthAndProbability) {
  std::mt19937 random(1);
  for (int length = 0; length < 400; ++length) {
    std::vector<std::pair<bool, std::uint32_t>> bools;
    for (int i = 0; i < length; ++i) {
      const std::uint32_t prob = 1 + static_cast<std::uint32_t>(random() % 255);
      // Mostly unlikely ones now and then, which makes carries.
      bools.emplace_back(random() % 256 >= (length % 3 ? prob : 256 - prob), prob);
    }
    BoolWriter writer;
    for (const auto& [bit, prob] : bools) writer.put(bit, prob);
    BoolReader reader(writer.finish());
    for (const auto& [bit, prob] : bools) ASSERT_EQ(bit, reader.get(prob)) << length;
  }
}

TEST(Vp8BoolWriter, CarriesThroughFullBytes) {
  BoolWriter writer;
  std::vector<bool> bits(2000, true);
  bits.back() = false;
  for (const bool bit : bits) writer.put(bit, 1);
  for (const bool bit : bits) writer.put(!bit, 255);
  BoolReader reader(writer.finish());
  for (const bool bit : bits) ASSERT_EQ(bit, reader.get(1));
  for (const bool bit : bits) ASSERT_EQ(!bit, reader.get(255));
}

TEST(Vp8Transform, InverseOfForwardIsTheResidual) {
  std::mt19937 random(2);
  for (int round = 0; round < 20000; ++round) {
    std::int16_t residual[16], coefficients[16];
    std::uint8_t prediction[16], pixels[16];
    const int amplitude = 1 << (round % 9);
    for (int i = 0; i < 16; ++i) {
      const int pixel = static_cast<int>(random() % 256);
      prediction[i] = static_cast<std::uint8_t>(
          std::clamp(pixel + static_cast<int>(random() % (2 * amplitude)) - amplitude, 0, 255));
      residual[i] = static_cast<std::int16_t>(pixel - prediction[i]);
    }
    vp8_forward_dct(residual, coefficients);
    vp8_add_inverse_dct(coefficients, prediction, pixels);
    for (int i = 0; i < 16; ++i) ASSERT_NEAR(prediction[i] + residual[i], pixels[i], 1);
  }
}

TEST(Vp8Transform, SecondOrderIsItsOwnInverse) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::int16_t dc[16], second[16], back[16];
    for (std::int16_t& value : dc) value = static_cast<std::int16_t>(static_cast<int>(random() % 4081) - 2040);
    vp8_forward_second_order(dc, second);
    vp8_inverse_second_order(second, back);
    for (int i = 0; i < 16; ++i) ASSERT_NEAR(dc[i], back[i], 1);
  }
}

TEST(Vp8Quality, GoesFromTheCoarsestToTheFinest) {
  EXPECT_EQ(kMostQuantiser, quantiser_of(0));
  EXPECT_EQ(0, quantiser_of(100));
  EXPECT_EQ(26, quantiser_of(75));  // 127 (1 - (1/2)^(1/3)) = 26.2
  for (int quality = 1; quality <= 100; ++quality) EXPECT_LE(quantiser_of(quality), quantiser_of(quality - 1));
}

TEST(Vp8BitCost, IsTheLogarithm) {
  for (int prob = 1; prob < 256; ++prob)
    EXPECT_NEAR(-std::log2(prob / 256.0) * 256, bit_cost(false, prob), 1.5) << prob;
}

TEST(Vp8ModeBudget, RowsOfTheLargestPictureStayWithinThePartition) {
  const Picture picture{.width = kMostSide, .height = kMostSide};
  Segments segments;
  ModeBudget budget(picture, segments);
  const ModeCosts& costs = ModeCosts::of_key_frames();
  const int cheapest = costs.luma[kVp8Dc] + costs.chroma[kVp8Dc];
  std::int64_t spent = 0;
  for (std::uint32_t row = 0; row < picture.macroblock_rows(); ++row) {
    budget.begin_row();
    for (std::uint32_t column = 0; column < picture.macroblock_columns(); ++column) {
      const int most = budget.for_next();
      ASSERT_GE(most, cheapest);
      // Whoever can spends all.
      budget.spend(most);
      spent += most;
    }
  }
  EXPECT_LE(spent / kVp8Unit / 8, 512 * 1024);
  EXPECT_FALSE(budget.leaves_room_for(std::int64_t{1024} * 1024 * 256));
}

}  // namespace
}  // namespace tintype::test
