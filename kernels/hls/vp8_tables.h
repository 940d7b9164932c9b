// The tables of a frame, sent as words to each stage, which keeps its own copy on the chip.
#pragma once

#include "kernels/hls/vp8_tokens.h"

namespace tintype::fpga {

static_assert(sizeof(Vp8DeviceTables) == 4 * kVp8TableWords);
static_assert(sizeof(Vp8DeviceMacroblock) == 4 * kVp8MacroblockWords);

static inline void receive_halves(TableStream& words, uint16_t* out, int count) {
  for (int i = 0; i < count; i += 2) {
#pragma HLS PIPELINE II=1
    const tt_u32 word = words.read();
    out[i] = (uint16_t)word;
    out[i + 1] = (uint16_t)(word >> 16);
  }
}

static inline void receive_signed(TableStream& words, int16_t* out, int count) {
  for (int i = 0; i < count; i += 2) {
#pragma HLS PIPELINE II=1
    const tt_u32 word = words.read();
    out[i] = (int16_t)(uint16_t)word;
    out[i + 1] = (int16_t)(uint16_t)(word >> 16);
  }
}

static inline void receive_bytes(TableStream& words, uint8_t* out, int count) {
  for (int i = 0; i < count; i += 4) {
#pragma HLS PIPELINE II=1
    const tt_u32 word = words.read();
    for (int byte = 0; byte < 4; ++byte) out[i + byte] = (uint8_t)(word >> (8 * byte));
  }
}

// In the order of Vp8DeviceTables.
static inline void receive_tables(TableStream& words, Vp8DeviceTables& out) {
segments:
  for (int segment = 0; segment < 4; ++segment) {
    for (int kind = 0; kind < kVp8Kinds; ++kind) {
      Vp8Quantiser& quantiser = out.quantisers[segment][kind];
      receive_halves(words, quantiser.step, 16);
      receive_halves(words, quantiser.reciprocal, 16);
      receive_halves(words, quantiser.bias, 16);
      receive_halves(words, quantiser.weight, 16);
      receive_halves(words, quantiser.limit, 16);
    }
  }
kinds:
  for (int kind = 0; kind < kVp8Kinds; ++kind) {
    Vp8Costs& costs = out.costs[kind];
    for (int place = 0; place < 16; ++place) receive_bytes(words, costs.token[place], 16);
    for (int place = 0; place < 16; ++place) receive_bytes(words, costs.end[place], 16);
    receive_bytes(words, costs.empty, 16);
    receive_bytes(words, costs.large_low, 16);
    receive_bytes(words, costs.large_high, 16);
  }
  int16_t of_modes[16];
  receive_signed(words, of_modes, 16);
  for (int mode = 0; mode <= kVp8Modes; ++mode) out.luma_mode_costs[mode] = of_modes[mode];
  for (int mode = 0; mode < kVp8Modes; ++mode) out.chroma_mode_costs[mode] = of_modes[kVp8Modes + 1 + mode];
above_modes:
  for (int above = 0; above < kVp8SubModes; ++above) {
    for (int left = 0; left < kVp8SubModes; ++left) receive_signed(words, out.sub_mode_costs[above][left], 16);
  }
}

static inline void send_tables(const tt_u32* tables, TableStream& to_luma, TableStream& to_sub_blocks, TableStream& to_chroma) {
words:
  for (int i = 0; i < kVp8TableWords; ++i) {
#pragma HLS PIPELINE II=1
    const tt_u32 word = tables[i];
    to_luma.write(word);
    to_sub_blocks.write(word);
    to_chroma.write(word);
  }
}

}  // namespace tintype::fpga
