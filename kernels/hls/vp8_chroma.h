// The last stages of vp8_macroblocks: chroma, and the answer to memory.
#pragma once

#include "kernels/hls/vp8_blocks.h"
#include "kernels/hls/vp8_tables.h"

namespace tintype::fpga {

struct ChromaAttempt {
  int cost;
  uint8_t prediction[2][64];
  int16_t levels[8][16];
};

static inline void attempt_chroma(const Surrounded& in, const Vp8DeviceTables& tables, int depth, int mode, ChromaAttempt& attempt) {
  attempt.cost = 0;
planes:
  for (int plane = 0; plane < 2; ++plane) {
    int16_t coefficients[4][16];
    vp8_predict_square(mode, 8, plane ? in.v_above : in.u_above, plane ? in.v_left : in.u_left, plane ? in.v_corner : in.u_corner,
                       in.has_above, in.has_left, attempt.prediction[plane]);
    for (int block = 0; block < 4; ++block) {
#pragma HLS PIPELINE II=1
      transform_block(8, block, plane ? in.own.v : in.own.u, attempt.prediction[plane], coefficients[block]);
    }
    const int shift = plane ? 6 : 4;
    attempt.cost += code_square(8, 0, in.above_coded >> shift & 3u, in.left_coded >> shift & 3u, depth,
                                &tables.quantisers[in.own.segment][kVp8Chroma], &tables.costs[kVp8Chroma], coefficients,
                                attempt.levels + 4 * plane);
  }
}

// Which blocks at the lower and the right edge have coefficients. Where there is no second-order block, what those around it
// knew of theirs goes on.
static inline void note_coded(const Surrounded& in, Vp8DeviceMacroblock& out) {
  const bool has_second_order = out.luma != kVp8SubBlocks;
  unsigned coded = 0;
blocks:
  for (int block = 0; block < kVp8Blocks; ++block) {
#pragma HLS PIPELINE II=1
    coded |= (unsigned)any_level(out.levels[block]) << block;
  }
  unsigned below = 0, right = 0;
  for (int i = 0; i < 4; ++i) {
    below |= (coded >> (12 + i) & 1) << i;
    right |= (coded >> (4 * i + 3) & 1) << i;
  }
  for (int i = 0; i < 2; ++i) {
    below |= (coded >> (kVp8FirstU + 2 + i) & 1) << (4 + i) | (coded >> (kVp8FirstV + 2 + i) & 1) << (6 + i);
    right |= (coded >> (kVp8FirstU + 2 * i + 1) & 1) << (4 + i) | (coded >> (kVp8FirstV + 2 * i + 1) & 1) << (6 + i);
  }
  const unsigned second = coded >> kVp8SecondOrderBlock & 1 ? kSecondOrderCoded : 0;
  out.is_empty = coded == 0;
  out.padding = 0;
  out.below_coded = (uint16_t)(below | (has_second_order ? second : in.above_coded & kSecondOrderCoded));
  out.right_coded = (uint16_t)(right | (has_second_order ? second : in.left_coded & kSecondOrderCoded));
}

static inline void fill_edges(const WithLuma& of, const uint8_t (*chroma)[64], Edges& out) {
  out.column = of.in.own.column;
  out.row = of.in.own.row;
  for (int i = 0; i < 16; ++i) {
#pragma HLS UNROLL
    out.y_below[i] = of.y[16 * 15 + i];
    out.y_right[i] = of.y[16 * i + 15];
  }
  for (int i = 0; i < 8; ++i) {
#pragma HLS UNROLL
    out.u_below[i] = chroma[0][8 * 7 + i];
    out.u_right[i] = chroma[0][8 * i + 7];
    out.v_below[i] = chroma[1][8 * 7 + i];
    out.v_right[i] = chroma[1][8 * i + 7];
  }
  for (int i = 0; i < 4; ++i) {
#pragma HLS UNROLL
    out.modes_below[i] = of.out.sub_modes[12 + i];
    out.modes_right[i] = of.out.sub_modes[4 * i + 3];
  }
  out.below_coded = of.out.below_coded;
  out.right_coded = of.out.right_coded;
  out.mode_cost = of.out.mode_cost;
}

static inline void choose_chroma(TableStream& words, LumaStream& luma, tt_u32 macroblocks, tt_i32 depth, EdgeStream& edges,
                                 AnswerStream& answers, hls::stream<tt_u32, 2>& places, tt_u32 columns) {
  Vp8DeviceTables tables;
  receive_tables(words, tables);
macroblocks:
  for (tt_u32 i = 0; i < macroblocks; ++i) {
    WithLuma next = luma.read();
    const Vp8Quantiser* quantiser = &tables.quantisers[next.in.own.segment][kVp8Chroma];
    ChromaAttempt attempt, best;
    int best_mode = 0, best_cost = 0;
  modes:
    for (int mode = 0; mode < kVp8Modes; ++mode) {
      attempt_chroma(next.in, tables, depth, mode, attempt);
      const int cost =
          attempt.cost + affordable(mode, tables.chroma_mode_costs[mode], vp8_thrift(next.in.budget), next.in.budget - next.out.mode_cost);
      if (mode > 0 && cost >= best_cost) continue;
      best = attempt;
      best_mode = mode;
      best_cost = cost;
    }
    uint8_t rebuilt[2][64];
  blocks:
    for (int block = 0; block < 8; ++block) {
#pragma HLS PIPELINE II=1
      int16_t coefficients[16];
      vp8_dequantise(best.levels[block], 0, quantiser, coefficients);
      rebuild_block(8, block & 3, coefficients, best.prediction[block >> 2], rebuilt[block >> 2]);
      copy_levels(best.levels[block], next.out.levels[kVp8FirstU + block]);
    }
    next.out.chroma = (uint8_t)best_mode;
    next.out.mode_cost += tables.chroma_mode_costs[best_mode];
    note_coded(next.in, next.out);
    Edges back;
    fill_edges(next, rebuilt, back);
    edges.write(back);
    places.write(next.in.own.row * columns + next.in.own.column);
    answers.write(next.out);
  }
}

static inline tt_u32 word_of(tt_u32 low, tt_u32 high) { return (low & 0xffff) | high << 16; }

// In the order of Vp8DeviceMacroblock.
static inline void store_answers(AnswerStream& answers, hls::stream<tt_u32, 2>& places, tt_u32 macroblocks, tt_u32* out) {
macroblocks:
  for (tt_u32 i = 0; i < macroblocks; ++i) {
    const Vp8DeviceMacroblock answer = answers.read();
    tt_u32* to = out + (uint64_t)places.read() * kVp8MacroblockWords;
  levels:
    for (int pair = 0; pair < 8 * kVp8Blocks; ++pair) {
#pragma HLS PIPELINE II=1
      const int16_t* levels = answer.levels[pair / 8] + 2 * (pair % 8);
      *to++ = word_of((uint16_t)levels[0], (uint16_t)levels[1]);
    }
  modes:
    for (int block = 0; block < 16; block += 4) {
#pragma HLS PIPELINE II=1
      const uint8_t* modes = answer.sub_modes + block;
      *to++ = word_of(modes[0] | (tt_u32)modes[1] << 8, modes[2] | (tt_u32)modes[3] << 8);
    }
    *to++ = word_of(answer.luma | (tt_u32)answer.chroma << 8, answer.is_empty | (tt_u32)answer.padding << 8);
    *to++ = (tt_u32)answer.mode_cost;
    *to++ = word_of(answer.below_coded, answer.right_coded);
  }
}

}  // namespace tintype::fpga
