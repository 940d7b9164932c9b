// Blocks of a macroblock in the stages of vp8_macroblocks.
#pragma once

#include "kernels/shared/vp8/code_block.h"
#include "kernels/shared/vp8/predict.h"
#include "kernels/shared/vp8/transform.h"

namespace tintype::fpga {

constexpr int kTooMuch = 1 << 28;

// Pixel i of a block in a square of `side`.
static inline int place_in_square(int side, int block, int i) {
  const int across = side / 4;
  return side * (4 * (block / across) + i / 4) + 4 * (block % across) + i % 4;
}

static inline void transform_block(int side, int block, const uint8_t* pixels, const uint8_t* prediction, int16_t* coefficients) {
  int16_t residual[16];
  for (int i = 0; i < 16; ++i) {
#pragma HLS UNROLL
    const int at = place_in_square(side, block, i);
    residual[i] = (int16_t)(pixels[at] - prediction[at]);
  }
  vp8_forward_dct(residual, coefficients);
}

static inline void rebuild_block(int side, int block, const int16_t* coefficients, const uint8_t* prediction, uint8_t* out) {
  uint8_t predicted[16], pixels[16];
  for (int i = 0; i < 16; ++i) {
#pragma HLS UNROLL
    predicted[i] = prediction[place_in_square(side, block, i)];
  }
  vp8_add_inverse_dct(coefficients, predicted, pixels);
  for (int i = 0; i < 16; ++i) {
#pragma HLS UNROLL
    out[place_in_square(side, block, i)] = pixels[i];
  }
}

// All blocks of a square at once: what its neighbours inside it have is taken from how their coefficients would round.
static inline int code_square(int side, int first, unsigned above, unsigned left, int depth, const Vp8Quantiser* quantiser,
                              const Vp8Costs* costs, const int16_t (*coefficients)[16], int16_t (*levels)[16]) {
  const int across = side / 4, blocks = across * across;
  int seems_coded[16];
  int cost = 0;
rounding:
  for (int block = 0; block < blocks; ++block) {
#pragma HLS PIPELINE II=1
    seems_coded[block] = vp8_seems_coded(coefficients[block], first, quantiser);
  }
coding:
  for (int block = 0; block < blocks; ++block) {
#pragma HLS PIPELINE II=16
    const int x = block % across, y = block / across;
    const int context = (y ? seems_coded[block - across] : (int)(above >> x & 1)) +
                        (x ? seems_coded[block - 1] : (int)(left >> y & 1));
    cost += vp8_code_block(coefficients[block], first, context, depth, quantiser, costs, levels[block]);
  }
  return cost;
}

static inline bool any_level(const int16_t* levels) {
  int any = 0;
  for (int i = 0; i < 16; ++i) {
#pragma HLS UNROLL
    any |= levels[i];
  }
  return any != 0;
}

static inline void copy_levels(const int16_t* from, int16_t* to) {
  for (int i = 0; i < 16; ++i) {
#pragma HLS UNROLL
    to[i] = from[i];
  }
}

// The modes that may be used count what they count, the others more than anything.
static inline int affordable(int mode, int cost, int thrift, int budget) {
  return mode == 0 || cost <= budget ? cost << thrift : kTooMuch;
}

}  // namespace tintype::fpga
