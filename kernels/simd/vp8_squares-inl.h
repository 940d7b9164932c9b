// Whole luma (16 blocks of one mode) and chroma (8 blocks of two modes) side by side, a block a lane.
#include <cstring>

#include "kernels/vp8/macroblock_search.h"

#if defined(TINTYPE_SIMD_VP8_SQUARES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TINTYPE_SIMD_VP8_SQUARES_INL_H_
#undef TINTYPE_SIMD_VP8_SQUARES_INL_H_
#else
#define TINTYPE_SIMD_VP8_SQUARES_INL_H_
#endif

#include <hwy/highway.h>

#include "kernels/simd/vp8_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tintype::simd::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using DRow = hn::FixedTag<std::uint8_t, 16>;

// Rows r, 4 + r, ... of a square, in 16 bytes each, to place (r, c) of 16 blocks, for c from 0: byte 4 k + c of row i
// is block 4 i + k.
alignas(16) constexpr std::uint8_t kByColumn[16] = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};

template <class V>
HWY_INLINE void TransposeWords(V (&rows)[4]) {
  const hn::Repartition<std::uint32_t, DRow> d32;
  const hn::Repartition<std::uint64_t, DRow> d64;
  const DRow d;
  const auto a = hn::BitCast(d32, rows[0]), b = hn::BitCast(d32, rows[1]);
  const auto c = hn::BitCast(d32, rows[2]), e = hn::BitCast(d32, rows[3]);
  const auto low_ab = hn::BitCast(d64, hn::InterleaveLower(d32, a, b)),
             low_ce = hn::BitCast(d64, hn::InterleaveLower(d32, c, e));
  const auto high_ab = hn::BitCast(d64, hn::InterleaveUpper(d32, a, b)),
             high_ce = hn::BitCast(d64, hn::InterleaveUpper(d32, c, e));
  rows[0] = hn::BitCast(d, hn::InterleaveLower(d64, low_ab, low_ce));
  rows[1] = hn::BitCast(d, hn::InterleaveUpper(d64, low_ab, low_ce));
  rows[2] = hn::BitCast(d, hn::InterleaveLower(d64, high_ab, high_ce));
  rows[3] = hn::BitCast(d, hn::InterleaveUpper(d64, high_ab, high_ce));
}

// 16 x 16 pixels to blocks, and back: both are their own inverse but for the order of the two steps.
HWY_INLINE void LumaToBlocks(const std::uint8_t* pixels, LanePixels& out) {
  const DRow d;
  const auto by_column = hn::Load(d, kByColumn);
  for (int r = 0; r < 4; ++r) {
    hn::Vec<DRow> rows[4];
    for (int i = 0; i < 4; ++i) rows[i] = hn::TableLookupBytes(hn::Load(d, pixels + 16 * (4 * i + r)), by_column);
    TransposeWords(rows);
    for (int c = 0; c < 4; ++c) hn::Store(rows[c], d, out.of[4 * r + c]);
  }
}

HWY_INLINE void BlocksToLuma(const LanePixels& blocks, std::uint8_t* out) {
  const DRow d;
  const auto by_column = hn::Load(d, kByColumn);
  for (int r = 0; r < 4; ++r) {
    hn::Vec<DRow> rows[4];
    for (int c = 0; c < 4; ++c) rows[c] = hn::Load(d, blocks.of[4 * r + c]);
    TransposeWords(rows);
    for (int i = 0; i < 4; ++i) hn::Store(hn::TableLookupBytes(rows[i], by_column), d, out + 16 * (4 * i + r));
  }
}

// U and V of 8 x 8: lanes 0-3 U's blocks, 4-7 V's, and the same again.
HWY_INLINE void ChromaToBlocks(const std::uint8_t* u, const std::uint8_t* v, LanePixels& out) {
  const DRow d;
  const hn::Half<DRow> half;
  const hn::Repartition<std::uint32_t, DRow> d32;
  const hn::Repartition<std::uint64_t, DRow> d64;
  const auto by_column = hn::Load(d, kByColumn);
  const auto columns_of = [&](const std::uint8_t* plane, int r) HWY_ATTR {
    const auto rows = hn::Combine(d, hn::LoadU(half, plane + 8 * (4 + r)), hn::LoadU(half, plane + 8 * r));
    return hn::BitCast(d32, hn::TableLookupBytes(rows, by_column));
  };
  for (int r = 0; r < 4; ++r) {
    const auto of_u = columns_of(u, r), of_v = columns_of(v, r);
    const auto low = hn::BitCast(d64, hn::InterleaveLower(d32, of_u, of_v)),
               high = hn::BitCast(d64, hn::InterleaveUpper(d32, of_u, of_v));
    hn::Store(hn::BitCast(d, hn::InterleaveLower(d64, low, low)), d, out.of[4 * r]);
    hn::Store(hn::BitCast(d, hn::InterleaveUpper(d64, low, low)), d, out.of[4 * r + 1]);
    hn::Store(hn::BitCast(d, hn::InterleaveLower(d64, high, high)), d, out.of[4 * r + 2]);
    hn::Store(hn::BitCast(d, hn::InterleaveUpper(d64, high, high)), d, out.of[4 * r + 3]);
  }
}

HWY_INLINE void BlocksToChroma(const LanePixels& blocks, int first_lane, std::uint8_t* u, std::uint8_t* v) {
  const DRow d;
  const hn::Half<DRow> half;
  const hn::Repartition<std::uint32_t, DRow> d32;
  const auto by_column = hn::Load(d, kByColumn);
  for (int r = 0; r < 4; ++r) {
    const auto two_columns = [&](int c) HWY_ATTR {
      const std::uint8_t* at = blocks.of[4 * r + c] + first_lane;
      return hn::BitCast(d32,
                         hn::Combine(d, hn::LoadU(half, blocks.of[4 * r + c + 1] + first_lane), hn::LoadU(half, at)));
    };
    const auto low = two_columns(0), high = two_columns(2);
    const auto of_u = hn::TableLookupBytes(hn::BitCast(d, hn::ConcatEven(d32, high, low)), by_column);
    const auto of_v = hn::TableLookupBytes(hn::BitCast(d, hn::ConcatOdd(d32, high, low)), by_column);
    hn::StoreU(hn::LowerHalf(half, of_u), half, u + 8 * r);
    hn::StoreU(hn::UpperHalf(half, of_u), half, u + 8 * (4 + r));
    hn::StoreU(hn::LowerHalf(half, of_v), half, v + 8 * r);
    hn::StoreU(hn::UpperHalf(half, of_v), half, v + 8 * (4 + r));
  }
}

// Which byte of what is above and on the left belongs to column c, row r of a block.
struct SquareBorders {
  alignas(16) std::uint8_t above[4][16];
  alignas(16) std::uint8_t left[4][16];
};

constexpr SquareBorders LumaBorders() {
  SquareBorders borders{};
  for (int i = 0; i < 4; ++i) {
    for (int lane = 0; lane < 16; ++lane) {
      borders.above[i][lane] = static_cast<std::uint8_t>(4 * (lane & 3) + i);
      borders.left[i][lane] = static_cast<std::uint8_t>(4 * (lane >> 2) + i);
    }
  }
  return borders;
}

// U's 8 bytes, then V's.
constexpr SquareBorders ChromaBorders() {
  SquareBorders borders{};
  for (int i = 0; i < 4; ++i) {
    for (int lane = 0; lane < 16; ++lane) {
      const int plane = lane >> 2 & 1;
      borders.above[i][lane] = static_cast<std::uint8_t>(8 * plane + 4 * (lane & 1) + i);
      borders.left[i][lane] = static_cast<std::uint8_t>(8 * plane + 4 * (lane >> 1 & 1) + i);
    }
  }
  return borders;
}

HWY_MAYBE_UNUSED constexpr SquareBorders kLumaBorders = LumaBorders(), kChromaBorders = ChromaBorders();

// The four modes; `corner` and `mean` by lane.
HWY_INLINE void PredictSquare(const SquareBorders& borders, const std::uint8_t* above, const std::uint8_t* left,
                              const std::uint8_t* corner, const std::uint8_t* mean, LanePixels (&out)[4]) {
  const DRow d;
  const auto top = hn::LoadU(d, above), side = hn::LoadU(d, left);
  const auto corners = hn::Load(d, corner), means = hn::Load(d, mean);
  hn::Vec<DRow> columns[4], more[4], less[4];
  for (int c = 0; c < 4; ++c) {
    columns[c] = hn::TableLookupBytes(top, hn::Load(d, borders.above[c]));
    more[c] = hn::SaturatedSub(columns[c], corners);
    less[c] = hn::SaturatedSub(corners, columns[c]);
  }
  for (int r = 0; r < 4; ++r) {
    const auto row = hn::TableLookupBytes(side, hn::Load(d, borders.left[r]));
    for (int c = 0; c < 4; ++c) {
      hn::Store(means, d, out[kVp8Dc].of[4 * r + c]);
      hn::Store(columns[c], d, out[kVp8Vertical].of[4 * r + c]);
      hn::Store(row, d, out[kVp8Horizontal].of[4 * r + c]);
      hn::Store(hn::SaturatedSub(hn::SaturatedAdd(row, more[c]), less[c]), d, out[kVp8TrueMotion].of[4 * r + c]);
    }
  }
}

template <int kSide>
HWY_INLINE std::uint8_t MeanOf(const vp8::Border<kSide>& border, bool has_above, bool has_left) {
  int sum = 0;
  if (has_above) {
    for (int i = 0; i < kSide; ++i) sum += border.above[i];
  }
  if (has_left) {
    for (int i = 0; i < kSide; ++i) sum += border.left[i];
  }
  if (has_above && has_left) return static_cast<std::uint8_t>((sum + kSide) / (2 * kSide));
  return static_cast<std::uint8_t>(has_above || has_left ? (sum + kSide / 2) / kSide : 128);
}

HWY_INLINE void TransformSquare(const LanePixels& pixels, const LanePixels& prediction, LaneTable& out) {
  for (int lane = 0; lane < kBlockLanes; lane += kVectorLanes) {
    ForwardLanes(
        lane,
        [&](int i) HWY_ATTR { return hn::Sub(LoadPixels(pixels.of[i] + lane), LoadPixels(prediction.of[i] + lane)); },
        out);
  }
}

// Bits of two masks of 16 lanes, added up by lane.
HWY_INLINE void AddBits(std::uint32_t a, std::uint32_t b, std::int16_t* out) {
  const D16 d;
  for (int lane = 0; lane < kBlockLanes; lane += kVectorLanes) {
    const V16 bits = hn::Shl(hn::Set(d, 1), hn::Iota(d, 0));
    const auto has = [&](std::uint32_t mask) HWY_ATTR {
      const V16 shifted = hn::Set(d, static_cast<std::int16_t>(mask >> lane));
      return hn::IfThenElseZero(hn::Ne(hn::And(shifted, bits), hn::Zero(d)), hn::Set(d, 1));
    };
    hn::Store(hn::Add(has(a), has(b)), d, out + lane);
  }
}

HWY_INLINE int SumOf(const std::int16_t* costs, int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += costs[i];
  return sum;
}

template <int kDepth>
HWY_INLINE vp8::SquareChoice ChooseLuma(const vp8::MacroblockInput& in, const vp8::FrameTables& tables,
                                        const std::int32_t* mode_costs, vp8::Macroblock& out) {
  const Vp8Quantiser* quantisers = tables.quantisers[in.segment];
  const Vp8Quantiser &ac = quantisers[kVp8LumaWithoutDc], &second = quantisers[kVp8SecondOrder];
  LanePixels pixels, predictions[4];
  LumaToBlocks(in.y, pixels);
  alignas(16) std::uint8_t corner[16], mean[16];
  std::memset(corner, in.y_border.corner, 16);
  std::memset(mean, MeanOf(in.y_border, in.has_above, in.has_left), 16);
  PredictSquare(kLumaBorders, in.y_border.above, in.y_border.left, corner, mean, predictions);

  // The second-order blocks of the four modes, a mode a lane.
  LaneTable coefficients[4], seconds;
  std::memset(&seconds, 0, sizeof(seconds));
  for (int mode = 0; mode < 4; ++mode) {
    TransformSquare(pixels, predictions[mode], coefficients[mode]);
    std::int16_t block[16];
    vp8_forward_second_order(coefficients[mode].of[0], block);
    for (int i = 0; i < 16; ++i) seconds.of[i][mode] = block[i];
  }
  NearestLevels nearest;
  CodedLanes coded_seconds, coded[4];
  alignas(64) std::int16_t contexts[kBlockLanes];
  const std::uint32_t above_second = in.above_coded & vp8::kSecondOrderBit ? 15 : 0;
  const std::uint32_t left_second = in.left_coded & vp8::kSecondOrderBit ? 15 : 0;
  AddBits(above_second, left_second, contexts);
  FindNearest(seconds, 0, second, nearest);
  CodeLanes<kDepth>(seconds, nearest, 0, contexts, second, tables.costs[kVp8SecondOrder], coded_seconds);

  vp8::SquareChoice best{-1, 0};
  for (int mode = 0; mode < 4; ++mode) {
    const int at_least = coded_seconds.cost[mode] + mode_costs[mode];
    if (best.mode >= 0 && at_least >= best.cost) continue;
    FindNearest(coefficients[mode], 1, ac, nearest);
    const std::uint32_t left = in.left_coded;
    AddBits((nearest.coded << 4 & 0xFFF0) | (in.above_coded & 15u),
            (nearest.coded << 1 & 0xEEEE) | (left & 1) | (left & 2) << 3 | (left & 4) << 6 | (left & 8) << 9, contexts);
    CodeLanes<kDepth>(coefficients[mode], nearest, 1, contexts, ac, tables.costs[kVp8LumaWithoutDc], coded[mode]);
    const int cost = at_least + SumOf(coded[mode].cost, 16);
    if (best.mode < 0 || cost < best.cost) best = {mode, cost};
  }

  const CodedLanes& chosen = coded[best.mode];
  std::int16_t second_coefficients[16];
  alignas(64) std::int16_t dc[16];
  for (int place = 0; place < 16; ++place) {
    out.levels[kVp8SecondOrderBlock][place] =
        place < coded_seconds.end ? coded_seconds.levels.of[place][best.mode] : std::int16_t{0};
    for (int block = 0; block < 16; ++block) {
      out.levels[block][place] = place < chosen.end ? chosen.levels.of[place][block] : std::int16_t{0};
    }
  }
  vp8_dequantise(out.levels[kVp8SecondOrderBlock], 0, &second, second_coefficients);
  vp8_inverse_second_order(second_coefficients, dc);
  LanePixels reconstructed;
  for (int lane = 0; lane < kBlockLanes; lane += kVectorLanes) {
    InverseLanes(
        lane, [&](int i) HWY_ATTR { return i == 0 ? hn::Load(D16(), dc + lane) : Dequantised(chosen, ac, i, lane); },
        predictions[best.mode], reconstructed);
  }
  BlocksToLuma(reconstructed, out.y);
  return best;
}

// Two modes in one table: the first in lanes 0-7.
HWY_INLINE void JoinModes(const LanePixels& first, const LanePixels& second, LanePixels& out) {
  for (int place = 0; place < 16; ++place) {
    std::memcpy(out.of[place], first.of[place], 8);
    std::memcpy(out.of[place] + 8, second.of[place] + 8, 8);
  }
}

template <int kDepth>
HWY_INLINE vp8::SquareChoice ChooseChroma(const vp8::MacroblockInput& in, const vp8::FrameTables& tables,
                                          const std::int32_t* mode_costs, vp8::Macroblock& out) {
  const Vp8Quantiser& quantiser = tables.quantisers[in.segment][kVp8Chroma];
  LanePixels pixels, predictions[4], joined[2];
  ChromaToBlocks(in.u, in.v, pixels);
  alignas(16) std::uint8_t corner[16], mean[16], above[16], left[16];
  const std::uint8_t u_mean = MeanOf(in.u_border, in.has_above, in.has_left);
  const std::uint8_t v_mean = MeanOf(in.v_border, in.has_above, in.has_left);
  for (int lane = 0; lane < 16; ++lane) {
    const bool is_v = (lane & 4) != 0;
    corner[lane] = is_v ? in.v_border.corner : in.u_border.corner;
    mean[lane] = is_v ? v_mean : u_mean;
  }
  std::memcpy(above, in.u_border.above, 8);
  std::memcpy(above + 8, in.v_border.above, 8);
  std::memcpy(left, in.u_border.left, 8);
  std::memcpy(left + 8, in.v_border.left, 8);
  PredictSquare(kChromaBorders, above, left, corner, mean, predictions);

  // Bits of U's two, V's two, for each of the two modes.
  const std::uint32_t u_above = in.above_coded >> 4 & 3u, v_above = in.above_coded >> 6 & 3u;
  const std::uint32_t u_left = in.left_coded >> 4 & 3u, v_left = in.left_coded >> 6 & 3u;
  const std::uint32_t first_rows = (u_above | v_above << 4) * 0x101;
  const std::uint32_t first_columns =
      ((u_left & 1) | (u_left & 2) << 1 | (v_left & 1) << 4 | (v_left & 2) << 5) * 0x101;
  CodedLanes coded[2];
  vp8::SquareChoice best{-1, 0};
  for (int pair = 0; pair < 2; ++pair) {
    LaneTable coefficients;
    NearestLevels nearest;
    alignas(64) std::int16_t contexts[kBlockLanes];
    JoinModes(predictions[2 * pair], predictions[2 * pair + 1], joined[pair]);
    TransformSquare(pixels, joined[pair], coefficients);
    FindNearest(coefficients, 0, quantiser, nearest);
    AddBits((nearest.coded << 2 & 0xCCCC) | first_rows, (nearest.coded << 1 & 0xAAAA) | first_columns, contexts);
    CodeLanes<kDepth>(coefficients, nearest, 0, contexts, quantiser, tables.costs[kVp8Chroma], coded[pair]);
    for (int which = 0; which < 2; ++which) {
      const int mode = 2 * pair + which;
      const int cost = SumOf(coded[pair].cost + 8 * which, 8) + mode_costs[mode];
      if (best.mode < 0 || cost < best.cost) best = {mode, cost};
    }
  }

  const CodedLanes& chosen = coded[best.mode / 2];
  const int first_lane = 8 * (best.mode % 2);
  for (int block = 0; block < 8; ++block) {
    for (int place = 0; place < 16; ++place) {
      out.levels[kVp8FirstU + block][place] =
          place < chosen.end ? chosen.levels.of[place][first_lane + block] : std::int16_t{0};
    }
  }
  LanePixels reconstructed;
  for (int lane = 0; lane < kBlockLanes; lane += kVectorLanes) {
    InverseLanes(
        lane, [&](int i) HWY_ATTR { return Dequantised(chosen, quantiser, i, lane); }, joined[best.mode / 2],
        reconstructed);
  }
  BlocksToChroma(reconstructed, first_lane, out.u, out.v);
  return best;
}

}  // namespace tintype::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
