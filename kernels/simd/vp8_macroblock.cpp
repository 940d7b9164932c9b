#include "kernels/simd/vp8_macroblock.h"

#include "kernels/vp8/macroblock_search.h"

// Tables of vectors, which these do not have.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/vp8_macroblock.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd/vp8_squares-inl.h"
#include "kernels/simd/vp8_sub_block-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tintype::simd::HWY_NAMESPACE {

template <int kDepth>
struct LaneKernels {
  static vp8::SquareChoice luma(const vp8::MacroblockInput& in, const vp8::FrameTables& tables,
                                const std::int32_t* mode_costs, vp8::Macroblock& out) {
    return ChooseLuma<kDepth>(in, tables, mode_costs, out);
  }
  static vp8::SquareChoice chroma(const vp8::MacroblockInput& in, const vp8::FrameTables& tables,
                                  const std::int32_t* mode_costs, vp8::Macroblock& out) {
    return ChooseChroma<kDepth>(in, tables, mode_costs, out);
  }
  static void sub_block(const vp8::SubBlockInput& in, const Vp8Quantiser& quantiser, const Vp8Costs& costs,
                        const vp8::SearchDepth&, vp8::SubBlockChoice& choice) {
    ChooseSubBlock<kDepth>(in, quantiser, costs, choice);
  }
};

void CodeVp8Macroblock(const vp8::MacroblockInput& in, const vp8::FrameTables& tables, vp8::Macroblock& out) {
  if (tables.depth.levels == 1) {
    vp8::code_macroblock<LaneKernels<1>>(in, tables, out);
  } else {
    vp8::code_macroblock<LaneKernels<2>>(in, tables, out);
  }
}

}  // namespace tintype::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tintype::simd {

HWY_EXPORT(CodeVp8Macroblock);

void code_vp8_macroblock(const vp8::MacroblockInput& in, const vp8::FrameTables& tables, vp8::Macroblock& out) {
  HWY_DYNAMIC_DISPATCH(CodeVp8Macroblock)(in, tables, out);
}

}  // namespace tintype::simd
#endif
