// A JPEG component's samples by kernels/simd against kernels/reference: equal bits on every instruction set of this
// machine.
#include "kernels/simd/jpeg_planes.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

#include "kernels/simd/targets.h"

namespace tintype {
namespace {

// What blocks are like: of photos few coefficients and small ones; of hostile files any at all.
enum class Kind { kEmpty, kFlat, kPhoto, kFull, kHostile, kExtreme };
constexpr Kind kKinds[] = {Kind::kEmpty, Kind::kFlat, Kind::kPhoto, Kind::kFull, Kind::kHostile, Kind::kExtreme};

class JpegPlanesOnTarget : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { simd::use_target(GetParam()); }
  void TearDown() override { simd::use_target(""); }

  std::int16_t coefficient(Kind kind, std::size_t at) {
    const auto within = [&](int most) {
      return static_cast<std::int16_t>(static_cast<int>(random_() % (2u * most + 1)) - most);
    };
    switch (kind) {
      case Kind::kEmpty:
        return 0;
      case Kind::kFlat:
        return at == 0 ? within(127) : std::int16_t{0};
      case Kind::kPhoto:
        return at == 0 ? within(127) : random_() % 4 == 0 ? within(8) : std::int16_t{0};
      case Kind::kFull:
        return within(1023);
      case Kind::kHostile:
        return static_cast<std::int16_t>(random_());
      case Kind::kExtreme:
        return random_() % 2 ? 32767 : -32768;
    }
    return 0;
  }
  std::uint16_t quantum(Kind kind) {
    if (kind == Kind::kExtreme) return random_() % 2 ? 65535 : 0;
    return static_cast<std::uint16_t>(kind == Kind::kHostile ? random_() : 1 + random_() % 60);
  }

  void expect_equal(Kind kind, std::uint32_t width_blocks, std::uint32_t height_blocks, std::uint32_t size) {
    std::vector<std::int16_t> coefficients;
    for (std::size_t i = 0; i < std::size_t{64} * width_blocks * height_blocks; ++i)
      coefficients.push_back(coefficient(kind, i % 64));
    std::array<std::uint16_t, 64> quantiser{};
    for (auto& q : quantiser) q = quantum(kind);
    const JpegBlocks blocks{coefficients.data(), width_blocks, height_blocks, quantiser};
    // What lies right of a row, and after the last one, is somebody else's.
    const std::size_t stride = std::size_t{width_blocks} * size + 5;
    std::vector<std::uint8_t> expected(stride * height_blocks * size, 0xA5), made = expected;
    reference::jpeg_plane(blocks, size, expected.data(), stride);
    simd::jpeg_plane(blocks, size, made.data(), stride);
    ASSERT_EQ(made, expected) << "kind " << static_cast<int>(kind) << ", " << width_blocks << " x " << height_blocks
                              << " blocks of " << size;
  }

  std::mt19937 random_{17};
};

TEST_P(JpegPlanesOnTarget, EqualsTheReferenceForEveryCoefficient) {
  for (const std::uint32_t size : {8u, 4u, 2u, 1u})
    for (const Kind kind : kKinds)
      for (const auto& [width, height] : {std::pair{1u, 1u}, {2u, 1u}, {1u, 3u}, {17u, 9u}})
        expect_equal(kind, width, height, size);
}

// One coefficient of every size at every place: no sum of others hides a wrong factor.
TEST_P(JpegPlanesOnTarget, EqualsTheReferenceForEachCoefficientAlone) {
  std::array<std::uint16_t, 64> quantiser;
  quantiser.fill(1);
  for (const std::uint32_t size : {8u, 4u, 2u, 1u}) {
    for (std::size_t at = 0; at < 64; ++at) {
      std::vector<std::int16_t> coefficients;
      for (const int value : {-32768, -1000, -255, -64, -8, -1, 1, 7, 63, 200, 999, 32767}) {
        coefficients.resize(coefficients.size() + 64);
        coefficients[coefficients.size() - 64 + at] = static_cast<std::int16_t>(value);
      }
      const auto blocks_across = static_cast<std::uint32_t>(coefficients.size() / 64);
      const JpegBlocks blocks{coefficients.data(), blocks_across, 1, quantiser};
      const std::size_t stride = std::size_t{blocks_across} * size;
      std::vector<std::uint8_t> expected(stride * size), made(stride * size);
      reference::jpeg_plane(blocks, size, expected.data(), stride);
      simd::jpeg_plane(blocks, size, made.data(), stride);
      ASSERT_EQ(made, expected) << "coefficient " << at << ", blocks of " << size;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, JpegPlanesOnTarget, ::testing::ValuesIn(simd::targets()),
                         [](const auto& target) { return target.param; });

}  // namespace
}  // namespace tintype
