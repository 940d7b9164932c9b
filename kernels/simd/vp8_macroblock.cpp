#include "kernels/simd/vp8_macroblock.h"

#include "kernels/vp8/macroblock_search.h"
#include "kernels/vp8/segments.h"

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

std::uint8_t Vp8Activity(const std::uint8_t* luma) {
  const D16 d;
  LanePixels pixels;
  LumaToBlocks(luma, pixels);
  std::uint32_t apart = 0;
  for (int lane = 0; lane < kBlockLanes; lane += kVectorLanes) {
    V16 sum = hn::Set(d, 8), all = hn::Zero(d);
    for (int place = 0; place < 16; ++place) sum = hn::Add(sum, LoadPixels(pixels.of[place] + lane));
    const V16 mean = hn::ShiftRight<4>(sum);
    for (int place = 0; place < 16; ++place) {
      all = hn::Add(all, hn::Abs(hn::Sub(LoadPixels(pixels.of[place] + lane), mean)));
    }
    alignas(64) std::int16_t blocks[kVectorLanes];
    hn::Store(all, d, blocks);
    for (int i = 0; i < kVectorLanes; ++i) apart += static_cast<std::uint32_t>(blocks[i]);
  }
  return vp8::activity_from(apart);
}

// What a machine's own shifts and counts of zeros do for the coder's chain of them.
void PutVp8Tokens(vp8::TokenStream first, vp8::TokenStream second, const std::uint8_t* probs) {
  vp8::put_tokens_inline(first, second, probs);
}

}  // namespace tintype::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tintype::simd {

HWY_EXPORT(CodeVp8Macroblock);
HWY_EXPORT(Vp8Activity);
HWY_EXPORT(PutVp8Tokens);

void code_vp8_macroblock(const vp8::MacroblockInput& in, const vp8::FrameTables& tables, vp8::Macroblock& out) {
  HWY_DYNAMIC_DISPATCH(CodeVp8Macroblock)(in, tables, out);
}

std::uint8_t vp8_activity(const std::uint8_t* luma) { return HWY_DYNAMIC_DISPATCH(Vp8Activity)(luma); }

void put_vp8_tokens(vp8::TokenStream first, vp8::TokenStream second, const std::uint8_t* probs) {
  HWY_DYNAMIC_DISPATCH(PutVp8Tokens)(first, second, probs);
}

}  // namespace tintype::simd
#endif
