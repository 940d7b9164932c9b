// The decision about one macroblock, for every kind of kernels: whole or in sub-blocks, which modes, which levels.
//
// Costs are distortion plus bits (kernels/shared/vp8/code_block.h). Order of decisions: the best whole-luma mode; then
// the sub-blocks one after the other, each predicted from what was reconstructed before it, until they cost more than
// that; then chroma. Ties go to the mode with the lower number. Nothing depends on macroblocks other than those above,
// above on the right, and on the left.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "kernels/vp8/frame_tables.h"
#include "kernels/vp8/macroblock.h"

namespace tintype::vp8 {

// One whole-luma or chroma decision.
struct SquareChoice {
  int mode;
  int cost;  // with the mode's own
};

struct SubBlockInput {
  alignas(16) std::uint8_t pixels[16];
  alignas(16) std::uint8_t edge[16];  // kVp8EdgePixels of them, kernels/shared/vp8/predict.h
  int context;                        // how many of the two neighbours have coefficients
  const std::int16_t* mode_costs;     // 16 of them
};

struct SubBlockChoice {
  int mode;
  int cost;
  bool is_coded;
  alignas(32) std::int16_t levels[16];
  alignas(16) std::uint8_t pixels[16];
};

namespace detail {

// The modes that may be used count what they count, the others more than anything.
inline void affordable(const std::int16_t* costs, const std::int16_t* counted, int budget, std::int32_t* out) {
  for (int mode = 0; mode < kVp8Modes; ++mode) {
    const bool fits = mode == 0 || costs[mode] <= budget;
    out[mode] = fits ? counted[mode] : (1 << 28);
  }
}

inline void fill_sub_block_input(const MacroblockInput& in, const std::uint8_t* reconstructed, int block,
                                 SubBlockInput& out) {
  const int x = 4 * (block & 3), y = 4 * (block >> 2);
  for (int i = 0; i < 4; ++i) std::memcpy(out.pixels + 4 * i, in.y + 16 * (y + i) + x, 4);
  const std::uint8_t* above = y ? reconstructed + 16 * (y - 1) + x : in.y_border.above + x;
  std::uint64_t left = 0, top = 0;
  for (int i = 0; i < 4; ++i) left = left << 8 | (x ? reconstructed[16 * (y + i) + x - 1] : in.y_border.left[y + i]);
  const std::uint64_t corner = x && y ? above[-1]
                               : y    ? in.y_border.left[y - 1]
                               : x    ? in.y_border.above[x - 1]
                                      : in.y_border.corner;
  std::uint32_t words[2];
  std::memcpy(&words[0], above, 4);
  // Right of the macroblock every row sees what is above the whole macroblock.
  std::memcpy(&words[1], x == 12 ? in.above_right : above + 4, 4);
  top = words[0] | std::uint64_t{words[1]} << 32;
  static_assert(std::endian::native == std::endian::little);
  const std::uint64_t edge[2] = {left | corner << 32 | top << 40, top >> 24};
  std::memcpy(out.edge, edge, sizeof(edge));
}

}  // namespace detail

// Kernels has
//   static SquareChoice luma(const MacroblockInput&, const FrameTables&, const std::int32_t mode_costs[4],
//   Macroblock&); static SquareChoice chroma(const MacroblockInput&, const FrameTables&, const std::int32_t
//   mode_costs[4], Macroblock&); static void sub_block(const SubBlockInput&, const Vp8Quantiser&, const Vp8Costs&,
//   const SearchDepth&, SubBlockChoice&);
// luma() and chroma() write levels and pixels of what they chose.
template <class Kernels>
bool search_sub_blocks(const MacroblockInput& in, const FrameTables& tables, int most_cost, int budget,
                       Macroblock& out) {
  const Vp8Quantiser& quantiser = tables.quantisers[in.segment][kVp8LumaWithDc];
  Macroblock found;  // its luma only
  const ModeCosts &modes = *tables.modes[0], &counted = *tables.modes[in.thrift];
  int cost = counted.luma[kVp8SubBlocks], mode_cost = modes.luma[kVp8SubBlocks];
  unsigned coded = 0;
  SubBlockInput sub;
  SubBlockChoice choice;
  for (int block = 0; block < 16; ++block) {
    const int x = block & 3, y = block >> 2;
    detail::fill_sub_block_input(in, found.y, block, sub);
    const unsigned above_coded = y ? coded >> (block - 4) & 1 : in.above_coded >> x & 1;
    const unsigned left_coded = x ? coded >> (block - 1) & 1 : in.left_coded >> y & 1;
    sub.context = static_cast<int>(above_coded + left_coded);
    const int above_mode = y ? found.modes.sub[block - 4] : in.above_modes[x];
    const int left_mode = x ? found.modes.sub[block - 1] : in.left_modes[y];
    sub.mode_costs = counted.sub[above_mode][left_mode];
    Kernels::sub_block(sub, quantiser, tables.costs[kVp8LumaWithDc], tables.depth, choice);
    cost += choice.cost;
    mode_cost += modes.sub[above_mode][left_mode][choice.mode];
    if (!vp8_keeps_up(cost, most_cost, block, tables.depth.patience) || mode_cost > budget) return false;
    found.modes.sub[block] = static_cast<std::uint8_t>(choice.mode);
    std::memcpy(found.levels[block], choice.levels, sizeof(choice.levels));
    for (int i = 0; i < 4; ++i) std::memcpy(found.y + 16 * (4 * y + i) + 4 * x, choice.pixels + 4 * i, 4);
    coded |= unsigned{choice.is_coded} << block;
  }
  std::memcpy(out.modes.sub, found.modes.sub, sizeof(found.modes.sub));
  std::memcpy(out.levels, found.levels, 16 * sizeof(found.levels[0]));
  std::memcpy(out.y, found.y, sizeof(found.y));
  out.mode_cost = mode_cost;
  return true;
}

namespace detail {

inline bool is_coded(const std::int16_t* levels) {
  std::uint64_t words[4];
  std::memcpy(words, levels, sizeof(words));
  return (words[0] | words[1] | words[2] | words[3]) != 0;
}

inline void note_coded(const MacroblockInput& in, Macroblock& out) {
  std::uint32_t coded = 0;
  for (int block = 0; block < kVp8Blocks; ++block) coded |= std::uint32_t{is_coded(out.levels[block])} << block;
  const bool has_second_order = out.modes.has_second_order();
  if (!has_second_order) coded &= ~(1u << kVp8SecondOrderBlock);
  out.modes.is_empty = coded == 0;
  const auto bit = [&](int block) { return coded >> block & 1; };
  unsigned below = 0, right = 0;
  for (int i = 0; i < 4; ++i) {
    below |= bit(12 + i) << i;
    right |= bit(4 * i + 3) << i;
  }
  for (int i = 0; i < 2; ++i) {
    below |= bit(kVp8FirstU + 2 + i) << (4 + i) | bit(kVp8FirstV + 2 + i) << (6 + i);
    right |= bit(kVp8FirstU + 2 * i + 1) << (4 + i) | bit(kVp8FirstV + 2 * i + 1) << (6 + i);
  }
  const unsigned second = bit(kVp8SecondOrderBlock) ? kSecondOrderBit : 0u;
  out.below_coded = static_cast<CodedBits>(below | (has_second_order ? second : in.above_coded & kSecondOrderBit));
  out.right_coded = static_cast<CodedBits>(right | (has_second_order ? second : in.left_coded & kSecondOrderBit));
}

}  // namespace detail

template <class Kernels>
void code_macroblock(const MacroblockInput& in, const FrameTables& tables, Macroblock& out) {
  const ModeCosts &modes = *tables.modes[0], &counted = *tables.modes[in.thrift];
  std::int32_t costs[4];
  out.modes.segment = static_cast<std::uint8_t>(in.segment);

  const int luma_budget = in.mode_budget - modes.chroma[kVp8Dc];
  detail::affordable(modes.luma, counted.luma, luma_budget, costs);
  const SquareChoice whole = Kernels::luma(in, tables, costs, out);
  out.modes.luma = static_cast<std::uint8_t>(whole.mode);
  out.mode_cost = modes.luma[whole.mode];
  if (search_sub_blocks<Kernels>(in, tables, whole.cost, luma_budget, out)) {
    out.modes.luma = kVp8SubBlocks;
    std::memset(out.levels[kVp8SecondOrderBlock], 0, sizeof(out.levels[0]));
  } else {
    std::memset(out.modes.sub, sub_mode_of(whole.mode), sizeof(out.modes.sub));
  }

  detail::affordable(modes.chroma, counted.chroma, in.mode_budget - out.mode_cost, costs);
  const SquareChoice chroma = Kernels::chroma(in, tables, costs, out);
  out.modes.chroma = static_cast<std::uint8_t>(chroma.mode);
  out.mode_cost += modes.chroma[chroma.mode];
  detail::note_coded(in, out);
}

}  // namespace tintype::vp8
