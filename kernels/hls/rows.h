// Rows between memory and streams, four samples a clock.
#pragma once

#include "kernels/hls/dataflow.h"
#include "kernels/hls/kernels.h"
#include "kernels/shared/resize.h"

namespace tintype::fpga {

constexpr int kMostQuads = kHlsMostWidth / 4;
constexpr int kRowDepth = 64;

struct Quad {
  tt_i16 of[4];
};
typedef hls::stream<Quad, kRowDepth> QuadStream;

static inline tt_u32 quads_in(tt_u32 samples) { return (samples + 3) / 4; }

// Wide samples of a plane, its rows from the first down or from the last up. What follows a row's last sample in its quad is
// that sample again.
static inline void read_rows(const tt_word* in, tt_u32 width, tt_u32 height, tt_u32 stride, bool is_8_bit, bool from_below,
                             QuadStream& rows) {
  const tt_u32 quads = quads_in(width);
rows:
  for (tt_u32 i = 0; i < height; ++i) {
    const tt_word* row = in + (uint64_t)(from_below ? height - 1 - i : i) * stride;
    tt_word word = 0;
    tt_i16 last = 0;
  quads:
    for (tt_u32 q = 0; q < quads; ++q) {
#pragma HLS PIPELINE II=1
      if (is_8_bit) {
        word = q % 2 == 0 ? row[q / 2] : word >> 32;
      } else {
        word = row[q];
      }
      Quad quad;
    samples:
      for (tt_u32 s = 0; s < 4; ++s) {
#pragma HLS UNROLL
        if (4 * q + s < width) {
          last = is_8_bit ? (tt_i16)tt_widened((tt_u8)(word >> (8 * s))) : (tt_i16)(tt_u16)(word >> (16 * s));
        }
        quad.of[s] = last;
      }
      rows.write(quad);
    }
  }
}

static inline void write_rows(QuadStream& rows, tt_u32 width, tt_u32 height, tt_u32 stride, tt_word* out) {
  const tt_u32 quads = quads_in(width);
rows:
  for (tt_u32 i = 0; i < height; ++i) {
  quads:
    for (tt_u32 q = 0; q < quads; ++q) {
#pragma HLS PIPELINE II=1
      const Quad quad = rows.read();
      tt_word word = 0;
    samples:
      for (tt_u32 s = 0; s < 4; ++s) {
#pragma HLS UNROLL
        word |= (tt_word)(tt_u16)quad.of[s] << (16 * s);
      }
      out[(uint64_t)i * stride + q] = word;
    }
  }
}

}  // namespace tintype::fpga
