#include "kernels/hls/rows.h"

namespace tintype::fpga {

constexpr int kRing = 64;            // rows
constexpr tt_u32 kTapsAtOnce = 8;
constexpr int kMostTapsPadded = 48;

// Rows are kept in a ring of 64, whichever way they come; a filter's window is shorter than that, and windows of neighbours may
// begin a row or two before each other's.
static void mix_rows(QuadStream& rows, const tt_u32* first, const tt_i16* weights, tt_u32 in_width, tt_u32 in_height, tt_u32 taps,
                     tt_u32 stride, tt_u32 out_height, bool is_mirrored, QuadStream& mixed) {
  const tt_u32 quads = quads_in(in_width);
  Quad ring[kRing][kMostQuads];
#pragma HLS ARRAY_PARTITION variable=ring dim=1 complete
#pragma HLS BIND_STORAGE variable=ring type=ram_2p impl=uram
  tt_u32 rows_read = 0;
out_rows:
  for (tt_u32 y = 0; y < out_height; ++y) {
    const tt_u32 first_row = first[y], needed = is_mirrored ? in_height - first_row : first_row + taps;
    tt_i16 weight_of_slot[kRing];
#pragma HLS ARRAY_PARTITION variable=weight_of_slot complete
  clear:
    for (int slot = 0; slot < kRing; ++slot) {
#pragma HLS UNROLL
      weight_of_slot[slot] = 0;
    }
  weigh:
    for (tt_u32 k = 0; k < taps; ++k) {
#pragma HLS PIPELINE II=1
      weight_of_slot[(first_row + k) % kRing] = weights[(uint64_t)y * stride + k];
    }
  take_rows:
    for (; rows_read < needed; ++rows_read) {
      const tt_u32 slot = (is_mirrored ? in_height - 1 - rows_read : rows_read) % kRing;
    take_row:
      for (tt_u32 q = 0; q < quads; ++q) {
#pragma HLS PIPELINE II=1
        ring[slot][q] = rows.read();
      }
    }
  mix:
    for (tt_u32 q = 0; q < quads; ++q) {
#pragma HLS PIPELINE II=1
      tt_i32 sum[4] = {0, 0, 0, 0};
    slots:
      for (int slot = 0; slot < kRing; ++slot) {
#pragma HLS UNROLL
        // Slots outside the window may never have been written.
        if (weight_of_slot[slot] == 0) continue;
      samples:
        for (int s = 0; s < 4; ++s) {
#pragma HLS UNROLL
          sum[s] += tt_mix_term(ring[slot][q].of[s], weight_of_slot[slot]);
        }
      }
      Quad out;
    narrow:
      for (int s = 0; s < 4; ++s) {
#pragma HLS UNROLL
        out.of[s] = (tt_i16)sum[s];
      }
      mixed.write(out);
    }
  }
leave_rest:
  for (; rows_read < in_height; ++rows_read) {
    for (tt_u32 q = 0; q < quads; ++q) {
#pragma HLS PIPELINE II=1
      rows.read();
    }
  }
}

static void filter_rows(QuadStream& mixed, const tt_u32* first, const tt_i16* weights, tt_u32 in_width, tt_u32 taps, tt_u32 stride,
                        tt_u32 out_width, tt_u32 out_height, QuadStream& fine) {
  const tt_u32 in_quads = quads_in(in_width), out_quads = quads_in(out_width);
  tt_u32 first_of[kHlsMostOutWidth];
  tt_i16 weight_of[kHlsMostOutWidth][kMostTapsPadded];
#pragma HLS ARRAY_PARTITION variable=weight_of dim=2 cyclic factor=8
  tt_i16 row[kHlsMostWidth + kMostTapsPadded];
#pragma HLS ARRAY_PARTITION variable=row cyclic factor=8
load_taps:
  for (tt_u32 x = 0; x < out_width; ++x) {
    first_of[x] = first[x];
  load_weights:
    for (tt_u32 k = 0; k < stride; ++k) {
#pragma HLS PIPELINE II=1
      weight_of[x][k] = weights[(uint64_t)x * stride + k];
    }
  }
  // Weights are padded with zeros, so that whole groups of taps can be taken.
clear_slack:
  for (tt_u32 k = 0; k < kMostTapsPadded; ++k) row[4 * in_quads + k] = 0;
rows:
  for (tt_u32 y = 0; y < out_height; ++y) {
  take_row:
    for (tt_u32 q = 0; q < in_quads; ++q) {
#pragma HLS PIPELINE II=1
      const Quad quad = mixed.read();
      for (tt_u32 s = 0; s < 4; ++s) {
#pragma HLS UNROLL
        row[4 * q + s] = quad.of[s];
      }
    }
  quads:
    for (tt_u32 q = 0; q < out_quads; ++q) {
      Quad out;
    samples:
      for (tt_u32 s = 0; s < 4; ++s) {
        tt_i32 sum = 0;
        const tt_u32 x = 4 * q + s;
      groups:
        for (tt_u32 k = 0; x < out_width && k < taps; k += kTapsAtOnce) {
#pragma HLS PIPELINE II=1
        taps:
          for (tt_u32 t = 0; t < kTapsAtOnce; ++t) {
#pragma HLS UNROLL
            sum += row[first_of[x] + k + t] * weight_of[x][k + t];
          }
        }
        out.of[s] = (tt_i16)tt_fine(sum);
      }
      fine.write(out);
    }
  }
}

}  // namespace tintype::fpga

extern "C" void resize_plane(const tt_word* in, const tt_u32* first_down, const tt_i16* weights_down, const tt_u32* first_across,
                             const tt_i16* weights_across, tt_word* out, tt_u32 in_width, tt_u32 in_height, tt_u32 in_stride,
                             tt_u32 is_8_bit, tt_u32 down_taps, tt_u32 down_stride, tt_u32 across_taps, tt_u32 across_stride,
                             tt_u32 out_width, tt_u32 out_height, tt_u32 out_stride, tt_u32 is_mirrored) {
#pragma HLS INTERFACE m_axi port=in offset=slave bundle=gmem0 max_widen_bitwidth=512
#pragma HLS INTERFACE m_axi port=first_down offset=slave bundle=gmem2
#pragma HLS INTERFACE m_axi port=weights_down offset=slave bundle=gmem3
#pragma HLS INTERFACE m_axi port=first_across offset=slave bundle=gmem2
#pragma HLS INTERFACE m_axi port=weights_across offset=slave bundle=gmem3
#pragma HLS INTERFACE m_axi port=out offset=slave bundle=gmem1 max_widen_bitwidth=512
#pragma HLS INTERFACE s_axilite port=return
  using namespace tintype::fpga;
  QuadStream rows("rows"), mixed("mixed"), fine("fine");
  TT_DATAFLOW(region);
  TT_PROCESS(region, read_rows(in, in_width, in_height, in_stride, is_8_bit != 0, is_mirrored != 0, rows));
  TT_PROCESS(region, mix_rows(rows, first_down, weights_down, in_width, in_height, down_taps, down_stride, out_height,
                              is_mirrored != 0, mixed));
  TT_PROCESS(region, filter_rows(mixed, first_across, weights_across, in_width, across_taps, across_stride, out_width, out_height,
                                 fine));
  TT_PROCESS(region, write_rows(fine, out_width, out_height, out_stride, out));
  TT_RUN(region);
}
