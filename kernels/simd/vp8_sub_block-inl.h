// One 4x4 sub-block with its ten modes side by side, a mode a lane.
#include <cstring>

#include "kernels/shared/vp8/predict.h"
#include "kernels/vp8/macroblock_search.h"

#if defined(TINTYPE_SIMD_VP8_SUB_BLOCK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TINTYPE_SIMD_VP8_SUB_BLOCK_INL_H_
#undef TINTYPE_SIMD_VP8_SUB_BLOCK_INL_H_
#else
#define TINTYPE_SIMD_VP8_SUB_BLOCK_INL_H_
#endif

#include <hwy/highway.h>

#include "kernels/simd/vp8_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tintype::simd::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D128 = hn::FixedTag<std::uint8_t, 16>;

// Which byte of which table each mode's lane takes at each place: means of three, of two, and true motion's own pixels.
struct SubBlockSources {
  static constexpr std::uint8_t kNone = 0x80;
  static constexpr std::uint8_t kMeanOfAll = 13, kLowest = 14;  // behind the means of three

  alignas(64) std::uint8_t threes[16][16] = {};
  alignas(64) std::uint8_t pairs[16][16] = {};
  alignas(64) std::uint8_t motion[16][16] = {};

  constexpr SubBlockSources() {
    for (int place = 0; place < 16; ++place) {
      for (int mode = 0; mode < 16; ++mode) {
        threes[place][mode] = pairs[place][mode] = motion[place][mode] = kNone;
        // Lanes without a mode of their own do as the mean does, so that they make no work for others.
        if (mode == kVp8SubDc || mode >= kVp8SubModes) {
          threes[place][mode] = kMeanOfAll;
        } else if (mode == kVp8SubTrueMotion) {
          motion[place][mode] = static_cast<std::uint8_t>(place);
        } else if (mode < kVp8SubModes) {
          const std::uint8_t source = kVp8SubSources[mode - kVp8SubVertical][place];
          if (source == kVp8EdgeLowest) {
            threes[place][mode] = kLowest;
          } else if (source >= kVp8EdgePair) {
            pairs[place][mode] = static_cast<std::uint8_t>(source - kVp8EdgePair);
          } else {
            threes[place][mode] = source;
          }
        }
      }
    }
  }
};
HWY_MAYBE_UNUSED constexpr SubBlockSources kSubBlockSources;

alignas(16) constexpr std::uint8_t kEdgeBefore[16] = {0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12, 12};
alignas(16) constexpr std::uint8_t kEdgeBehind[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12, 12, 12, 12};
alignas(16) constexpr std::uint8_t kEdgeAbove[16] = {5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8};
alignas(16) constexpr std::uint8_t kEdgeLeft[16] = {3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0};
alignas(16) constexpr std::uint8_t kMeanPlace[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0};
alignas(16) constexpr std::uint8_t kThreesKept[16] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                      255, 255, 255, 255, 255, 0,   0,   0};
alignas(16) constexpr std::uint8_t kLowestPlace[16] = {128, 128, 128, 128, 128, 128, 128, 128,
                                                       128, 128, 128, 128, 128, 128, 0,   128};

HWY_INLINE void PredictSubModes(const std::uint8_t* edge_pixels, LanePixels& out) {
  const D128 d;
  const auto edge = hn::Load(d, edge_pixels);
  const auto before = hn::TableLookupBytes(edge, hn::Load(d, kEdgeBefore));
  const auto behind = hn::TableLookupBytes(edge, hn::Load(d, kEdgeBehind));
  const auto above = hn::TableLookupBytes(edge, hn::Load(d, kEdgeAbove));
  const auto left = hn::TableLookupBytes(edge, hn::Load(d, kEdgeLeft));
  const auto corner = hn::Set(d, edge_pixels[4]);
  const auto motion =
      hn::SaturatedSub(hn::SaturatedAdd(left, hn::SaturatedSub(above, corner)), hn::SaturatedSub(corner, above));
  const auto pairs = hn::AverageRound(edge, behind);
  // Half of the outer two rounded down, then with the middle one rounded up: the sum of all four rounded to nearest.
  const auto odd = hn::And(hn::Xor(before, behind), hn::Set(d, 1));
  const auto outer = hn::Sub(hn::AverageRound(before, behind), odd);
  int sum = 4;
  for (int i = 0; i < 4; ++i) sum += edge_pixels[i] + edge_pixels[5 + i];
  const auto mean = hn::And(hn::Set(d, static_cast<std::uint8_t>(sum >> 3)), hn::Load(d, kMeanPlace));
  const auto lowest = hn::TableLookupBytesOr0(edge, hn::Load(d, kLowestPlace));
  const auto threes = hn::Or(hn::And(hn::AverageRound(outer, edge), hn::Load(d, kThreesKept)), hn::Or(mean, lowest));
  for (int place = 0; place < 16; ++place) {
    const auto from_threes = hn::TableLookupBytesOr0(threes, hn::Load(d, kSubBlockSources.threes[place]));
    const auto from_pairs = hn::TableLookupBytesOr0(pairs, hn::Load(d, kSubBlockSources.pairs[place]));
    const auto from_motion = hn::TableLookupBytesOr0(motion, hn::Load(d, kSubBlockSources.motion[place]));
    hn::Store(hn::Or(hn::Or(from_threes, from_pairs), from_motion), d, out.of[place]);
  }
}

// The lane with the least cost, its own mode's included; the first of several.
HWY_INLINE int CheapestLane(const std::int16_t* costs, const std::int16_t* mode_costs, int& cost) {
  const D16 d;
  int best = 0, least = 1 << 30;
  for (int lane = 0; lane < kBlockLanes; lane += kVectorLanes) {
    const V16 sum = hn::SaturatedAdd(hn::Load(d, costs + lane), hn::LoadU(d, mode_costs + lane));
    const V16 lowest = hn::MinOfLanes(d, sum);
    const int of_these = hn::GetLane(lowest);
    if (of_these >= least) continue;
    least = of_these;
    best = lane + static_cast<int>(hn::FindKnownFirstTrue(d, hn::Eq(sum, lowest)));
  }
  cost = least;
  return best;
}

template <int kDepth>
HWY_INLINE void ChooseSubBlock(const vp8::SubBlockInput& in, const Vp8Quantiser& quantiser, const Vp8Costs& costs,
                               vp8::SubBlockChoice& choice) {
  const D16 d;
  LanePixels prediction, pixels;
  LaneTable coefficients;
  NearestLevels nearest;
  CodedLanes coded;
  alignas(64) std::int16_t contexts[kBlockLanes];
  PredictSubModes(in.edge, prediction);
  for (int lane = 0; lane < kBlockLanes; lane += kVectorLanes) {
    hn::Store(hn::Set(d, static_cast<std::int16_t>(in.context)), d, contexts + lane);
    ForwardLanes(
        lane,
        [&](int i)
            HWY_ATTR { return hn::Sub(hn::Set(d, std::int16_t{in.pixels[i]}), LoadPixels(prediction.of[i] + lane)); },
        coefficients);
  }
  FindNearest(coefficients, 0, quantiser, nearest);
  CodeLanes<kDepth>(coefficients, nearest, 0, contexts, quantiser, costs, coded);
  const int best = CheapestLane(coded.cost, in.mode_costs, choice.cost);
  choice.mode = best;
  for (int lane = best / kVectorLanes * kVectorLanes, end = lane + kVectorLanes; lane < end; lane += kVectorLanes) {
    InverseLanes(lane, [&](int i) HWY_ATTR { return Dequantised(coded, quantiser, i, lane); }, prediction, pixels);
  }
  int any = 0;
  for (int place = 0; place < 16; ++place) {
    const std::int16_t level = place < coded.end ? coded.levels.of[place][best] : std::int16_t{0};
    choice.levels[place] = level;
    any |= level;
  }
  // Four pixels to a word: they are read as words next, which bytes stored one by one would hold up.
  for (int y = 0; y < 4; ++y) {
    std::uint32_t row = 0;
    for (int x = 3; x >= 0; --x) row = row << 8 | pixels.of[4 * y + x][best];
    std::memcpy(choice.pixels + 4 * y, &row, 4);
  }
  choice.is_coded = any != 0;
}

}  // namespace tintype::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
