// The FPGA's kernels by C simulation, against the reference: equal for every sample and every macroblock.
#include <gtest/gtest.h>

#include "kernels/hls/kernels.h"
#include "kernels/hls/signatures.h"
#include "tests/kernels/hls/cases.h"

namespace tintype {
namespace {

using test::Samples;

void expect_equal(test::KernelCase& one, const std::string& what) {
  const Status done = simulate(one.call());
  ASSERT_TRUE(done) << what << ": " << done.error().to_string();
  ASSERT_EQ(one.difference(), "") << what;
}

TEST(HlsJpegPlane, EqualsTheReference) {
  std::uint32_t seed = 1;
  for (const auto& [width, height] : {std::pair{1u, 1u}, {3u, 2u}, {9u, 5u}, {40u, 3u}}) {
    for (const std::uint32_t scaled_size : {8u, 4u, 2u, 1u}) {
      for (const auto kind : {test::Coefficients::kLikely, test::Coefficients::kExtremes}) {
        expect_equal(
            *test::jpeg_case(width, height, scaled_size, kind, seed++),
            std::to_string(width) + " x " + std::to_string(height) + " blocks to " + std::to_string(scaled_size));
      }
    }
  }
}

TEST(HlsJpegPlane, TakesTheWidestRowsThatFit) {
  expect_equal(*test::jpeg_case(2048, 2, 8, test::Coefficients::kLikely, 7), "16384 px");
}

TEST(HlsHalvePlane, EqualsTheReference) {
  std::uint32_t seed = 1;
  for (const auto& [width, height] : {std::pair{1u, 1u},
                                      {2u, 1u},
                                      {1u, 7u},
                                      {3u, 3u},
                                      {4u, 2u},
                                      {5u, 5u},
                                      {8u, 8u},
                                      {9u, 4u},
                                      {127u, 33u},
                                      {16384u, 3u}}) {
    for (const bool is_8_bit : {true, false}) {
      for (const Samples samples : {Samples::kRandom, Samples::kExtremes}) {
        expect_equal(*test::halve_case(test::make_plane(width, height, is_8_bit, samples, seed++)),
                     std::to_string(width) + " x " + std::to_string(height));
      }
    }
  }
}

struct Axis {
  std::uint32_t in;
  std::uint32_t out;
  double outside = 0;  // of the last sample
};

TEST(HlsResizePlane, EqualsTheReference) {
  std::uint32_t seed = 1;
  for (const Axis& across : {Axis{1, 1}, {7, 7}, {50, 17}, {33, 32}, {101, 40, 0.5}, {64, 90}}) {
    for (const Axis& down : {Axis{1, 1}, {61, 21}, {34, 33, 0.5}, {40, 14}, {20, 31}}) {
      for (const bool pairs : {false, true}) {
        for (const bool mirrored : {false, true}) {
          const auto axis = [&](const Axis& of) {
            return ResizeAxis{of.in, of.in - of.outside, of.out, pairs, mirrored};
          };
          const Samples samples = seed % 3 == 0 ? Samples::kExtremes : Samples::kRandom;
          expect_equal(*test::resize_case(test::make_plane(across.in, down.in, seed % 2 == 0, samples, seed),
                                          axis(down), axis(across)),
                       "across " + std::to_string(across.in) + " to " + std::to_string(across.out) + ", down " +
                           std::to_string(down.in) + " to " + std::to_string(down.out));
          ++seed;
        }
      }
    }
  }
}

TEST(HlsResizePlane, TakesTheWidestRowsThatFit) {
  const ResizeAxis across{16384, 16384, 4096, true, false}, down{5, 5, 2, false, false};
  expect_equal(*test::resize_case(test::make_plane(16384, 5, false, Samples::kRandom, 3), down, across), "16384 px");
}

// Of chroma that is halved one way only: the picture is not halved before the other way asks for it, too.
TEST(HlsResizePlane, TakesTheWidestWindowsOfALadder) {
  for (const bool mirrored : {false, true}) {
    for (const std::uint32_t halvings : {0u, 1u}) {
      const ResizeAxis axis{239, 239, 40, true, mirrored, halvings};
      const std::uint32_t taps = make_resize_taps(axis).count;
      EXPECT_GE(taps, 40u);
      EXPECT_LE(taps, std::uint32_t{kHlsMostTaps});
      expect_equal(*test::resize_case(test::make_plane(239, 239, false, Samples::kExtremes, 5), axis, axis),
                   std::to_string(taps) + " taps");
    }
  }
}

TEST(HlsVp8, EveryMacroblockEqualsTheReference) {
  std::uint32_t seed = 1;
  for (const test::Scene scene : test::kScenes) {
    for (const int quality : {10, 75}) {
      for (const vp8::Effort effort : {vp8::Effort::kFastest, vp8::Effort::kFast, vp8::Effort::kDefault}) {
        vp8::Settings settings;
        settings.quality = quality;
        settings.effort = effort;
        expect_equal(*test::vp8_case(test::make_planes(scene, 83, 61, seed++), settings),
                     "scene " + std::to_string(static_cast<int>(scene)) + ", quality " + std::to_string(quality));
      }
    }
  }
}

TEST(HlsVp8, FramesOfAllShapes) {
  for (const auto& [width, height] :
       {std::pair{1u, 1u}, {16u, 16u}, {17u, 1u}, {1u, 40u}, {400u, 17u}, {17u, 400u}, {200u, 200u}}) {
    expect_equal(*test::vp8_case(test::make_planes(test::Scene::kShapes, width, height, width + height), {}),
                 std::to_string(width) + " x " + std::to_string(height));
  }
}

TEST(HlsSignatures, RegistersAreLaidOutAsVitisDoes) {
  const KernelSignature* halve = find_kernel("halve_plane");
  ASSERT_NE(halve, nullptr);
  const std::vector<std::uint32_t> expected = {0x10, 0x1c, 0x28, 0x30, 0x38, 0x40, 0x48};
  ASSERT_EQ(halve->parameters.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(halve->parameters[i].register_at, expected[i]);
  EXPECT_TRUE(halve->parameters[1].is_written);
  EXPECT_FALSE(halve->parameters[0].is_written);
}

TEST(HlsSignatures, ACallThatDoesNotFitIsRefused) {
  auto made = test::halve_case(test::make_plane(4, 4, true, Samples::kRandom, 1));
  KernelCall call = made->call();
  call.arguments.pop_back();
  EXPECT_EQ(simulate(call).error().code, ErrorCode::kInvalidArgument);
  call = made->call();
  std::swap(call.arguments[1], call.arguments[2]);
  EXPECT_EQ(simulate(call).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(simulate({"no_such_kernel", {}}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace tintype
