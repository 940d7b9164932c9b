// The stages of vp8_macroblocks that decide luma: the best mode of the whole, then sub-blocks until they cost more than that.
#pragma once

#include "kernels/hls/vp8_blocks.h"
#include "kernels/hls/vp8_tables.h"

namespace tintype::fpga {

static inline int luma_budget(const Surrounded& in, const Vp8DeviceTables& tables) {
  return in.budget - tables.chroma_mode_costs[kVp8Dc];
}

struct LumaAttempt {
  int cost;
  uint8_t prediction[256];
  int16_t levels[16][16], second_levels[16];
};

static inline void attempt_luma(const Surrounded& in, const Vp8DeviceTables& tables, int depth, int mode, LumaAttempt& attempt) {
  const Vp8Quantiser* quantisers = tables.quantisers[in.own.segment];
  int16_t coefficients[16][16], dc[16], second[16];
  vp8_predict_square(mode, 16, in.y_above, in.y_left, in.y_corner, in.has_above, in.has_left, attempt.prediction);
blocks:
  for (int block = 0; block < 16; ++block) {
#pragma HLS PIPELINE II=1
    transform_block(16, block, in.own.y, attempt.prediction, coefficients[block]);
    dc[block] = coefficients[block][0];
  }
  vp8_forward_second_order(dc, second);
  const int context = (in.above_coded & kSecondOrderCoded ? 1 : 0) + (in.left_coded & kSecondOrderCoded ? 1 : 0);
  attempt.cost = vp8_code_block(second, 0, context, depth, &quantisers[kVp8SecondOrder], &tables.costs[kVp8SecondOrder],
                                attempt.second_levels) +
                 code_square(16, 1, in.above_coded & 15u, in.left_coded & 15u, depth, &quantisers[kVp8LumaWithoutDc],
                             &tables.costs[kVp8LumaWithoutDc], coefficients, attempt.levels);
}

static inline void rebuild_luma(const LumaAttempt& attempt, const Vp8Quantiser* quantisers, uint8_t* out) {
  int16_t second[16], dc[16];
  vp8_dequantise(attempt.second_levels, 0, &quantisers[kVp8SecondOrder], second);
  vp8_inverse_second_order(second, dc);
blocks:
  for (int block = 0; block < 16; ++block) {
#pragma HLS PIPELINE II=1
    int16_t coefficients[16];
    vp8_dequantise(attempt.levels[block], 1, &quantisers[kVp8LumaWithoutDc], coefficients);
    coefficients[0] = dc[block];
    rebuild_block(16, block, coefficients, attempt.prediction, out);
  }
}

static inline uint8_t sub_mode_of(int luma_mode) {
  return luma_mode == kVp8Vertical     ? kVp8SubVertical
         : luma_mode == kVp8Horizontal ? kVp8SubHorizontal
         : luma_mode == kVp8TrueMotion ? kVp8SubTrueMotion
                                       : kVp8SubDc;
}

static inline void choose_whole_luma(TableStream& words, SurroundedStream& surrounded, tt_u32 macroblocks, tt_i32 depth,
                                     LumaStream& whole) {
  Vp8DeviceTables tables;
  receive_tables(words, tables);
macroblocks:
  for (tt_u32 i = 0; i < macroblocks; ++i) {
    WithLuma next;
    next.in = surrounded.read();
    LumaAttempt attempt, best;
    int best_mode = 0, best_cost = 0;
  modes:
    for (int mode = 0; mode < kVp8Modes; ++mode) {
      attempt_luma(next.in, tables, depth, mode, attempt);
      const int cost = attempt.cost + affordable(mode, tables.luma_mode_costs[mode], vp8_thrift(next.in.budget), luma_budget(next.in, tables));
      if (mode > 0 && cost >= best_cost) continue;
      best = attempt;
      best_mode = mode;
      best_cost = cost;
    }
    rebuild_luma(best, tables.quantisers[next.in.own.segment], next.y);
    next.whole_cost = best_cost;
    next.out.luma = (uint8_t)best_mode;
    next.out.mode_cost = tables.luma_mode_costs[best_mode];
    for (int block = 0; block < 16; ++block) {
      copy_levels(best.levels[block], next.out.levels[block]);
      next.out.sub_modes[block] = sub_mode_of(best_mode);
    }
    copy_levels(best.second_levels, next.out.levels[kVp8SecondOrderBlock]);
    whole.write(next);
  }
}

// The 13 pixels around a sub-block. On the right of the macroblock every row sees what is above the whole macroblock.
static inline void fill_edge(const Surrounded& in, const uint8_t* rebuilt, int block, uint8_t* edge) {
  const int x = 4 * (block & 3), y = 4 * (block >> 2);
  for (int i = 0; i < 4; ++i) {
#pragma HLS UNROLL
    edge[3 - i] = x ? rebuilt[16 * (y + i) + x - 1] : in.y_left[y + i];
  }
  edge[4] = x && y ? rebuilt[16 * (y - 1) + x - 1] : y ? in.y_left[y - 1] : x ? in.y_above[x - 1] : in.y_corner;
  for (int i = 0; i < 8; ++i) {
#pragma HLS UNROLL
    edge[5 + i] = y && x + i < 16 ? rebuilt[16 * (y - 1) + x + i] : in.y_above[x + i];
  }
}

struct SubBlockAttempt {
  int cost;
  int16_t levels[16];
  uint8_t prediction[16];
};

static inline int choose_sub_mode(const uint8_t* pixels, const uint8_t* edge, int context, int depth, int thrift,
                                  const int16_t* mode_costs, const Vp8Quantiser* quantiser, const Vp8Costs* costs, SubBlockAttempt& best) {
  int best_mode = 0;
modes:
  for (int mode = 0; mode < kVp8SubModes; ++mode) {
#pragma HLS PIPELINE II=16
    SubBlockAttempt attempt;
    int16_t coefficients[16];
    vp8_predict_sub_block(mode, edge, attempt.prediction);
    transform_block(4, 0, pixels, attempt.prediction, coefficients);
    attempt.cost = vp8_add_cost(mode_costs[mode] << thrift,
                                vp8_code_block(coefficients, 0, context, depth, quantiser, costs, attempt.levels));
    if (mode > 0 && attempt.cost >= best.cost) continue;
    best = attempt;
    best_mode = mode;
  }
  return best_mode;
}

// Leaves `of` alone unless sub-blocks pay.
static inline void try_sub_blocks(const Vp8DeviceTables& tables, int depth, int patience, WithLuma& of) {
  const Vp8Quantiser* quantiser = &tables.quantisers[of.in.own.segment][kVp8LumaWithDc];
  const int budget = luma_budget(of.in, tables), thrift = vp8_thrift(of.in.budget);
  int mode_cost = tables.luma_mode_costs[kVp8SubBlocks], cost = mode_cost << thrift;
  unsigned coded = 0;
  uint8_t rebuilt[256], modes[16];
  int16_t levels[16][16];
blocks:
  for (int block = 0; block < 16; ++block) {
    const int x = block & 3, y = block >> 2;
    uint8_t edge[kVp8EdgePixels], pixels[16];
    fill_edge(of.in, rebuilt, block, edge);
    for (int i = 0; i < 16; ++i) pixels[i] = of.in.own.y[place_in_square(16, block, i)];
    const unsigned above_coded = y ? coded >> (block - 4) & 1 : of.in.above_coded >> x & 1;
    const unsigned left_coded = x ? coded >> (block - 1) & 1 : of.in.left_coded >> y & 1;
    const int above_mode = y ? modes[block - 4] : of.in.above_modes[x];
    const int left_mode = x ? modes[block - 1] : of.in.left_modes[y];
    const int16_t* mode_costs = tables.sub_mode_costs[above_mode][left_mode];
    SubBlockAttempt best;
    const int mode = choose_sub_mode(pixels, edge, (int)(above_coded + left_coded), depth, thrift, mode_costs, quantiser,
                                     &tables.costs[kVp8LumaWithDc], best);
    cost += best.cost;
    mode_cost += mode_costs[mode];
    if (!vp8_keeps_up(cost, of.whole_cost, block, patience) || mode_cost > budget) return;
    int16_t coefficients[16];
    uint8_t block_pixels[16];
    vp8_dequantise(best.levels, 0, quantiser, coefficients);
    vp8_add_inverse_dct(coefficients, best.prediction, block_pixels);
    for (int i = 0; i < 16; ++i) rebuilt[place_in_square(16, block, i)] = block_pixels[i];
    copy_levels(best.levels, levels[block]);
    modes[block] = (uint8_t)mode;
    coded |= (unsigned)any_level(best.levels) << block;
  }
  of.out.luma = kVp8SubBlocks;
  of.out.mode_cost = mode_cost;
  for (int block = 0; block < 16; ++block) {
    copy_levels(levels[block], of.out.levels[block]);
    of.out.sub_modes[block] = modes[block];
  }
  for (int i = 0; i < 16; ++i) of.out.levels[kVp8SecondOrderBlock][i] = 0;
  for (int i = 0; i < 256; ++i) of.y[i] = rebuilt[i];
}

static inline void choose_sub_blocks(TableStream& words, LumaStream& whole, tt_u32 macroblocks, tt_i32 depth, tt_i32 patience,
                                     LumaStream& luma) {
  Vp8DeviceTables tables;
  receive_tables(words, tables);
macroblocks:
  for (tt_u32 i = 0; i < macroblocks; ++i) {
    WithLuma next = whole.read();
    try_sub_blocks(tables, depth, patience, next);
    luma.write(next);
  }
}

}  // namespace tintype::fpga
