// The RTL of transform and quantiser, run by Verilator, against the arithmetic that every other target shares: equal
// bits, and a block a clock.
#include <gtest/gtest.h>
#include <verilated.h>

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "Vp8Rtl.h"
#include "Vp8RtlMutant.h"
#include "kernels/shared/vp8/code_block.h"
#include "kernels/shared/vp8/transform.h"
#include "kernels/vp8/quality.h"
#include "tests/kernels/vp8/planes.h"

namespace tintype {
namespace {

struct Block {
  std::int16_t of[16];
};

// The kernel's answer, from what it shares with all the others.
struct Expected {
  Block coefficients, levels;
};
Expected expected(const Block& residual, const Vp8Quantiser& quantiser) {
  Expected made;
  vp8_forward_dct(residual.of, made.coefficients.of);
  for (int place = 0; place < 16; ++place) {
    const int coefficient = made.coefficients.of[kVp8Scan[place]];
    const int level = vp8_nearest_level(&quantiser, place, vp8_abs(coefficient));
    made.levels.of[place] = static_cast<std::int16_t>(coefficient < 0 ? -level : level);
  }
  return made;
}

template <typename Wide, typename T>
void put(Wide& port, const T (&values)[16]) {
  for (int i = 0; i < 16; i += 2) {
    port[i / 2] = static_cast<std::uint16_t>(values[i]) |
                  static_cast<std::uint32_t>(static_cast<std::uint16_t>(values[i + 1])) << 16;
  }
}

template <typename Wide>
bool equals(const Wide& port, const Block& block) {
  for (int i = 0; i < 16; ++i) {
    if (static_cast<std::int16_t>(port[i / 2] >> (16 * (i % 2))) != block.of[i]) return false;
  }
  return true;
}

struct Driven {
  std::size_t clocks = 0;
  std::size_t differing = 0;
};

// A block every clock until all have come out.
template <typename Model>
Driven drive(const std::vector<Block>& blocks, const Vp8Quantiser& quantiser) {
  VerilatedContext context;
  Model model(&context);
  put(model.bias, quantiser.bias);
  put(model.reciprocal, quantiser.reciprocal);
  Driven run;
  for (std::size_t in = 0, out = 0; out < blocks.size(); ++run.clocks) {
    model.in_valid = in < blocks.size();
    if (in < blocks.size()) put(model.residual, blocks[in++].of);
    model.clock = 0;
    model.eval();
    model.clock = 1;
    model.eval();
    if (!model.out_valid) continue;
    const Expected right = expected(blocks[out++], quantiser);
    run.differing += !equals(model.coefficients, right.coefficients) || !equals(model.levels, right.levels);
  }
  return run;
}

constexpr std::size_t kLatency = 6;

Vp8Quantiser quantiser_of(int index, int kind) {
  Vp8Quantiser all[kVp8Kinds];
  vp8::fill_quantisers(index, 150, 2, all);
  return all[kind];
}

std::vector<Block> random_blocks(std::size_t count) {
  std::mt19937 random(5);
  std::vector<Block> blocks(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::int16_t& value : blocks[i].of) {
      const int any = static_cast<int>(random() % 511) - 255;
      value = static_cast<std::int16_t>(i % 3 == 0 ? (any < 0 ? -255 : 255) : any);
    }
  }
  return blocks;
}

// What is left of a picture when nothing but its mean is known.
std::vector<Block> picture_blocks(const std::vector<std::uint8_t>& plane, std::size_t width, std::size_t height) {
  std::vector<Block> blocks;
  for (std::size_t y = 0; y + 4 <= height; y += 4) {
    for (std::size_t x = 0; x + 4 <= width; x += 4) {
      Block block;
      for (std::size_t i = 0; i < 16; ++i)
        block.of[i] = static_cast<std::int16_t>(plane[(y + i / 4) * width + x + i % 4] - 128);
      blocks.push_back(block);
    }
  }
  return blocks;
}

TEST(Vp8Rtl, EqualsTheSharedArithmetic) {
  const std::vector<Block> blocks = random_blocks(500);
  for (const int index : {0, 30, 127}) {
    for (int kind = 0; kind < kVp8Kinds; ++kind) {
      const Driven run = drive<Vp8Rtl>(blocks, quantiser_of(index, kind));
      EXPECT_EQ(run.differing, 0u) << "quantiser " << index << ", kind " << kind;
      EXPECT_EQ(run.clocks, blocks.size() - 1 + kLatency);
    }
  }
}

TEST(Vp8Rtl, AWhole1080pPictureIsABlockAClock) {
  const test::Planes420 picture = test::make_planes(test::Scene::kShapes, 1920, 1080, 9);
  std::vector<Block> blocks = picture_blocks(picture.y, 1920, 1080);
  for (const auto* plane : {&picture.u, &picture.v}) {
    const auto more = picture_blocks(*plane, 960, 540);
    blocks.insert(blocks.end(), more.begin(), more.end());
  }
  ASSERT_EQ(blocks.size(), 194400u);
  const Driven run = drive<Vp8Rtl>(blocks, quantiser_of(30, kVp8LumaWithDc));
  EXPECT_EQ(run.differing, 0u);
  EXPECT_EQ(run.clocks, blocks.size() - 1 + kLatency);
  std::printf("RTL: %zu blocks of a 1920 x 1080 picture in %zu clocks\n", blocks.size(), run.clocks);
}

TEST(Vp8Rtl, OneConstantThatIsOneTooLargeIsFound) {
  EXPECT_GT(drive<Vp8RtlMutant>(random_blocks(1000), quantiser_of(30, kVp8LumaWithDc)).differing, 0u);
}

}  // namespace
}  // namespace tintype
