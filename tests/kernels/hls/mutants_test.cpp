// One small thing wrong in a kernel is found by the comparison that the kernels' tests make.
#include "tests/kernels/hls/mutants/mutants.h"

#include <gtest/gtest.h>

#include "tests/kernels/hls/cases.h"

namespace tintype {
namespace {

template <typename T>
T* memory(const KernelArgument& argument) {
  if (const auto* in = std::get_if<ToKernel>(&argument))
    return reinterpret_cast<T*>(const_cast<std::uint8_t*>(in->data()));
  return reinterpret_cast<T*>(std::get<FromKernel>(argument).data());
}

template <typename T>
T given(const KernelArgument& argument) {
  if constexpr (std::is_pointer_v<T>) {
    return memory<std::remove_pointer_t<T>>(argument);
  } else {
    return static_cast<T>(std::get<std::uint32_t>(argument));
  }
}

template <typename... T>
void run(void (*mutant)(T...), const KernelCall& call) {
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    mutant(given<T>(call.arguments[i])...);
  }(std::index_sequence_for<T...>{});
}

TEST(HlsMutants, ATransformThatRoundsDownIsFound) {
  const auto one = test::jpeg_case(12, 3, 1, test::Coefficients::kLikely, 1);
  run(mutant_jpeg_plane, one->call());
  EXPECT_NE(one->difference(), "");
}

TEST(HlsMutants, HalvingThatRoundsDownIsFound) {
  const auto one = test::halve_case(test::make_plane(33, 20, false, test::Samples::kRandom, 1));
  run(mutant_halve_plane, one->call());
  EXPECT_NE(one->difference(), "");
}

TEST(HlsMutants, ResizingThatEndsOneBelowTheMostIsFound) {
  const ResizeAxis axis{40, 40, 40, false, false};
  const auto one = test::resize_case(test::make_plane(40, 40, true, test::Samples::kExtremes, 1), axis, axis);
  run(mutant_resize_plane, one->call());
  EXPECT_NE(one->difference(), "");
}

TEST(HlsMutants, AReconstructionThatIsALittleDarkerIsFound) {
  const auto one = test::vp8_case(test::make_planes(test::Scene::kShapes, 64, 48, 1), {});
  run(mutant_vp8_macroblocks, one->call());
  EXPECT_NE(one->difference(), "");
}

}  // namespace
}  // namespace tintype
