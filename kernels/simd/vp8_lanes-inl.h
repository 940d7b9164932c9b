// Blocks of 4x4 coefficients side by side, 16 of them, one a lane: kernels/shared/vp8's transforms and vp8_code_block
// for all at once. A table has a row for each place of a block, and in it one value a lane.
#include "kernels/shared/vp8/code_block.h"
#include "kernels/shared/vp8/transform.h"

#if defined(TINTYPE_SIMD_VP8_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TINTYPE_SIMD_VP8_LANES_INL_H_
#undef TINTYPE_SIMD_VP8_LANES_INL_H_
#else
#define TINTYPE_SIMD_VP8_LANES_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tintype::simd::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int kBlockLanes = 16;
using D16 = hn::CappedTag<std::int16_t, kBlockLanes>;
using DU16 = hn::RebindToUnsigned<D16>;
using D8 = hn::Repartition<std::uint8_t, D16>;
using DPixels = hn::Rebind<std::uint8_t, D16>;
using V16 = hn::Vec<D16>;
constexpr int kVectorLanes = static_cast<int>(hn::MaxLanes(D16()));

// [place][lane]
struct LaneTable {
  alignas(64) std::int16_t of[16][kBlockLanes];
};
struct LanePixels {
  alignas(64) std::uint8_t of[16][kBlockLanes];
};

HWY_INLINE V16 LoadPixels(const std::uint8_t* at) { return hn::PromoteTo(D16(), hn::LoadU(DPixels(), at)); }

HWY_INLINE void ForwardFour(V16 a0, V16 a1, V16 a2, V16 a3, V16* out) {
  const D16 d;
  const V16 cos = hn::Set(d, kVp8ForwardCos), sin = hn::Set(d, kVp8ForwardSin);
  out[0] = hn::Add(a0, a1);
  out[1] = hn::Add(hn::Add(a3, hn::MulFixedPoint15(a3, cos)), hn::MulFixedPoint15(a2, sin));
  out[2] = hn::Sub(a0, a1);
  out[3] = hn::Sub(hn::Sub(hn::MulFixedPoint15(a3, sin), a2), hn::MulFixedPoint15(a2, cos));
}

// vp8_forward_dct of load(place), for the lanes from `lane` on.
template <class LoadResidual>
HWY_INLINE void ForwardLanes(int lane, LoadResidual load, LaneTable& out) {
  const D16 d;
  V16 rows[16];
  for (int y = 0; y < 4; ++y) {
    const V16 d0 = load(4 * y), d1 = load(4 * y + 1), d2 = load(4 * y + 2), d3 = load(4 * y + 3);
    ForwardFour(hn::ShiftLeft<3>(hn::Add(d0, d3)), hn::ShiftLeft<3>(hn::Add(d1, d2)), hn::ShiftLeft<3>(hn::Sub(d1, d2)),
                hn::ShiftLeft<3>(hn::Sub(d0, d3)), rows + 4 * y);
  }
  const V16 round = hn::Set(d, 8);
  for (int x = 0; x < 4; ++x) {
    V16 column[4];
    ForwardFour(hn::Add(rows[x], rows[12 + x]), hn::Add(rows[4 + x], rows[8 + x]), hn::Sub(rows[4 + x], rows[8 + x]),
                hn::Sub(rows[x], rows[12 + x]), column);
    for (int y = 0; y < 4; ++y) hn::Store(hn::ShiftRight<4>(hn::Add(column[y], round)), d, out.of[4 * y + x] + lane);
  }
}

HWY_INLINE void InverseFour(V16 i0, V16 i1, V16 i2, V16 i3, V16* out) {
  const D16 d;
  const V16 cos = hn::Set(d, 20091), sin = hn::Set(d, 35468 - 65536);
  const V16 a = hn::Add(i0, i2), b = hn::Sub(i0, i2);
  const V16 sin1 = hn::Add(i1, hn::MulHigh(i1, sin)), sin3 = hn::Add(i3, hn::MulHigh(i3, sin));
  const V16 cos1 = hn::Add(i1, hn::MulHigh(i1, cos)), cos3 = hn::Add(i3, hn::MulHigh(i3, cos));
  const V16 c = hn::Sub(sin1, cos3), e = hn::Add(cos1, sin3);
  out[0] = hn::Add(a, e);
  out[1] = hn::Add(b, c);
  out[2] = hn::Sub(b, c);
  out[3] = hn::Sub(a, e);
}

// vp8_add_inverse_dct of the coefficients load(place), for the lanes from `lane` on.
template <class LoadCoefficient>
HWY_INLINE void InverseLanes(int lane, LoadCoefficient load, const LanePixels& prediction, LanePixels& out) {
  const D16 d;
  V16 columns[16];  // transposed: four by column
  for (int x = 0; x < 4; ++x) InverseFour(load(x), load(4 + x), load(8 + x), load(12 + x), columns + 4 * x);
  const V16 round = hn::Set(d, 4);
  for (int y = 0; y < 4; ++y) {
    V16 row[4];
    InverseFour(columns[y], columns[4 + y], columns[8 + y], columns[12 + y], row);
    for (int x = 0; x < 4; ++x) {
      const V16 residual = hn::ShiftRight<3>(hn::Add(row[x], round));
      const V16 pixel = hn::Add(LoadPixels(prediction.of[4 * y + x] + lane), residual);
      hn::StoreU(hn::DemoteTo(DPixels(), pixel), DPixels(), out.of[4 * y + x] + lane);
    }
  }
}

HWY_INLINE V16 Distortion(V16 error, const Vp8Quantiser& quantiser, int place) {
  const DU16 du;
  const auto scaled = hn::Mul(hn::Min(hn::BitCast(du, error), hn::Set(du, quantiser.limit[place])),
                              hn::Set(du, quantiser.weight[place]));
  return hn::BitCast(D16(), hn::MulHigh(scaled, scaled));
}

// Looks a byte up by each lane's low byte; the high byte of `index` must be 0x80.
HWY_INLINE V16 LookUp(const std::uint8_t* table, V16 index) {
  const D8 d8;
  return hn::BitCast(D16(), hn::TableLookupBytesOr0(hn::LoadDup128(d8, table), hn::BitCast(d8, index)));
}

// The nearest levels, by place of the scan, and up to where any of 16 lanes has one.
struct NearestLevels {
  LaneTable levels;
  std::uint32_t coded = 0;  // a bit for each lane with a level that is not 0
  int end = 0;              // behind the last place where any lane's is not
};

HWY_INLINE void FindNearest(const LaneTable& coefficients, int first, const Vp8Quantiser& quantiser,
                            NearestLevels& out) {
  const D16 d;
  const DU16 du;
  out.coded = 0;
  out.end = first;
  for (int lane = 0; lane < kBlockLanes; lane += kVectorLanes) {
    V16 behind = hn::Zero(d);
    for (int place = first; place < 16; ++place) {
      const auto magnitude = hn::BitCast(du, hn::Abs(hn::Load(d, coefficients.of[kVp8Scan[place]] + lane)));
      const V16 level = hn::BitCast(d, hn::MulHigh(hn::Add(magnitude, hn::Set(du, quantiser.bias[place])),
                                                   hn::Set(du, quantiser.reciprocal[place])));
      hn::Store(level, d, out.levels.of[place] + lane);
      behind = hn::IfThenElse(hn::Gt(level, hn::Zero(d)), hn::Set(d, static_cast<std::int16_t>(place + 1)), behind);
    }
    const int end = hn::GetLane(hn::MaxOfLanes(d, behind));
    if (end > out.end) out.end = end;
    std::uint8_t bits[8] = {};
    hn::StoreMaskBits(d, hn::Gt(behind, hn::Zero(d)), bits);
    out.coded |= static_cast<std::uint32_t>(bits[0] | bits[1] << 8) << lane;
  }
}

struct CodedLanes {
  LaneTable levels;  // by place of the scan, with signs; rows from `end` on are not written
  alignas(64) std::int16_t cost[kBlockLanes];
  int end = 0;
};

HWY_INLINE V16 LargeCost(const Vp8Costs& costs, V16 level) {
  const D16 d;
  const V16 flag = hn::Set(d, static_cast<std::int16_t>(0x8000));
  const V16 fifteen = hn::Set(d, 15);
  return hn::Add(LookUp(costs.large_low, hn::Or(hn::Min(level, fifteen), flag)),
                 LookUp(costs.large_high, hn::Or(hn::Min(hn::ShiftRight<4>(level), fifteen), flag)));
}

// vp8_code_block of each lane, `contexts` one a lane. With kDepth 1 nearest levels only.
template <int kDepth>
HWY_INLINE void CodeLanes(const LaneTable& coefficients, const NearestLevels& nearest, int first,
                          const std::int16_t* contexts, const Vp8Quantiser& quantiser, const Vp8Costs& costs,
                          CodedLanes& out) {
  const D16 d;
  const DU16 du;
  const V16 zero = hn::Zero(d), one = hn::Set(d, 1), two = hn::Set(d, 2), four = hn::Set(d, 4);
  const V16 flag = hn::Set(d, static_cast<std::int16_t>(0x8000));
  out.end = nearest.end;
  for (int lane = 0; lane < kBlockLanes; lane += kVectorLanes) {
    V16 rest[17];
    rest[16] = zero;
    for (int place = 15; place >= first; --place) {
      const V16 magnitude = hn::Abs(hn::Load(d, coefficients.of[kVp8Scan[place]] + lane));
      rest[place] = hn::SaturatedAdd(rest[place + 1], Distortion(magnitude, quantiser, place));
    }
    const V16 context = hn::Load(d, contexts + lane);
    V16 best = hn::SaturatedAdd(rest[first], hn::ShiftLeft<kVp8CostShift>(LookUp(costs.empty, hn::Or(context, flag))));
    V16 best_code = hn::Set(d, -2);  // 2 * place + candidate
    V16 context0 = hn::Add(hn::ShiftLeft<2>(context), context), context1 = context0;
    V16 cost0 = zero, cost1 = zero;
    V16 from0[16], from1[16];

    for (int place = first; place < nearest.end; ++place) {
      const V16 magnitude = hn::Abs(hn::Load(d, coefficients.of[kVp8Scan[place]] + lane));
      const V16 step = hn::Set(d, static_cast<std::int16_t>(quantiser.step[place]));
      const V16 high = hn::Load(d, nearest.levels.of[place] + lane);
      const V16 high_two = hn::Min(high, two), high_four = hn::Or(hn::Min(high, four), flag);
      const V16 high_distortion = Distortion(hn::Abs(hn::Sub(magnitude, hn::Mul(high, step))), quantiser, place);
      const bool has_large = !hn::AllTrue(d, hn::Lt(high, four));

      V16 a = LookUp(costs.token[place], hn::Add(context0, high_four));
      if constexpr (kDepth == 1) {
        if (has_large) a = hn::Add(a, LargeCost(costs, high));
        cost0 = hn::SaturatedAdd(hn::SaturatedAdd(cost0, hn::ShiftLeft<kVp8CostShift>(a)), high_distortion);
        context0 = hn::Add(hn::ShiftLeft<2>(high_two), high_two);
        const V16 end = hn::ShiftLeft<kVp8CostShift>(LookUp(costs.end[place], hn::Or(high_two, flag)));
        const V16 ended = hn::SaturatedAdd(hn::SaturatedAdd(cost0, end), rest[place + 1]);
        const auto is_better = hn::And(hn::Lt(ended, best), hn::Gt(high, zero));
        best = hn::IfThenElse(is_better, ended, best);
        best_code = hn::IfThenElse(is_better, hn::Set(d, static_cast<std::int16_t>(2 * place)), best_code);
      } else {
        const V16 low = hn::BitCast(d, hn::SaturatedSub(hn::BitCast(du, high), hn::BitCast(du, one)));
        const V16 low_two = hn::Min(low, two), low_four = hn::Or(hn::Min(low, four), flag);
        const V16 low_distortion = Distortion(hn::Abs(hn::Sub(magnitude, hn::Mul(low, step))), quantiser, place);
        V16 b = LookUp(costs.token[place], hn::Add(context1, high_four));
        V16 c = LookUp(costs.token[place], hn::Add(context0, low_four));
        V16 e = LookUp(costs.token[place], hn::Add(context1, low_four));
        if (has_large) {
          const V16 large_high = LargeCost(costs, high), large_low = LargeCost(costs, low);
          a = hn::Add(a, large_high);
          b = hn::Add(b, large_high);
          c = hn::Add(c, large_low);
          e = hn::Add(e, large_low);
        }
        a = hn::SaturatedAdd(cost0, hn::ShiftLeft<kVp8CostShift>(a));
        b = hn::SaturatedAdd(cost1, hn::ShiftLeft<kVp8CostShift>(b));
        c = hn::SaturatedAdd(cost0, hn::ShiftLeft<kVp8CostShift>(c));
        e = hn::SaturatedAdd(cost1, hn::ShiftLeft<kVp8CostShift>(e));
        from0[place] = hn::VecFromMask(d, hn::Lt(b, a));
        from1[place] = hn::VecFromMask(d, hn::Lt(e, c));
        cost0 = hn::SaturatedAdd(hn::Min(a, b), high_distortion);
        cost1 = hn::SaturatedAdd(hn::Min(c, e), low_distortion);
        context0 = hn::Add(hn::ShiftLeft<2>(high_two), high_two);
        context1 = hn::Add(hn::ShiftLeft<2>(low_two), low_two);
        const V16 most = hn::Set(d, kVp8MostCost);
        const V16 high_end = hn::ShiftLeft<kVp8CostShift>(LookUp(costs.end[place], hn::Or(high_two, flag)));
        const V16 low_end = hn::ShiftLeft<kVp8CostShift>(LookUp(costs.end[place], hn::Or(low_two, flag)));
        const V16 high_ended = hn::IfThenElse(
            hn::Gt(high, zero), hn::SaturatedAdd(hn::SaturatedAdd(cost0, high_end), rest[place + 1]), most);
        const V16 low_ended = hn::IfThenElse(hn::Gt(low, zero),
                                             hn::SaturatedAdd(hn::SaturatedAdd(cost1, low_end), rest[place + 1]), most);
        const auto is_low = hn::Lt(low_ended, high_ended);
        const V16 ended = hn::Min(low_ended, high_ended);
        const V16 code = hn::IfThenElse(is_low, hn::Set(d, static_cast<std::int16_t>(2 * place + 1)),
                                        hn::Set(d, static_cast<std::int16_t>(2 * place)));
        best_code = hn::IfThenElse(hn::Lt(ended, best), code, best_code);
        best = hn::Min(ended, best);
      }
    }

    hn::Store(best, d, out.cost + lane);
    const V16 best_place = hn::ShiftRight<1>(best_code);
    [[maybe_unused]] const V16 best_candidate = hn::Neg(hn::And(best_code, one));
    [[maybe_unused]] V16 candidate = zero;
    for (int place = nearest.end - 1; place >= first; --place) {
      const V16 at = hn::Set(d, static_cast<std::int16_t>(place));
      const V16 high = hn::Load(d, nearest.levels.of[place] + lane);
      V16 level = high;
      if constexpr (kDepth > 1) {
        candidate = hn::IfThenElse(hn::Eq(best_place, at), best_candidate, candidate);
        const V16 low = hn::BitCast(d, hn::SaturatedSub(hn::BitCast(du, high), hn::BitCast(du, one)));
        const auto is_low = hn::MaskFromVec(candidate);
        level = hn::IfThenElse(is_low, low, high);
        candidate = hn::IfThenElse(is_low, from1[place], from0[place]);
      }
      level = hn::IfThenElseZero(hn::Ge(best_place, at), level);
      const V16 sign = hn::BroadcastSignBit(hn::Load(d, coefficients.of[kVp8Scan[place]] + lane));
      hn::Store(hn::Sub(hn::Xor(level, sign), sign), d, out.levels.of[place] + lane);
    }
  }
  for (int place = 0; place < first; ++place) {
    for (int lane = 0; lane < kBlockLanes; lane += kVectorLanes) hn::Store(zero, d, out.levels.of[place] + lane);
  }
}

// Coefficients of each lane's levels: what InverseLanes loads. kVp8Scan inverted.
constexpr int kPlaceOf[16] = {0, 1, 5, 6, 2, 4, 7, 12, 3, 8, 11, 13, 9, 10, 14, 15};

HWY_INLINE V16 Dequantised(const CodedLanes& coded, const Vp8Quantiser& quantiser, int position, int lane) {
  const D16 d;
  const int place = kPlaceOf[position];
  if (place >= coded.end) return hn::Zero(d);
  return hn::Mul(hn::Load(d, coded.levels.of[place] + lane),
                 hn::Set(d, static_cast<std::int16_t>(quantiser.step[place])));
}

}  // namespace tintype::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
