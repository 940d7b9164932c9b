#include "kernels/hls/rows.h"

namespace tintype::fpga {

static void halve_rows(QuadStream& rows, tt_u32 in_width, tt_u32 in_height, QuadStream& halved) {
  const tt_u32 in_quads = quads_in(in_width), out_quads = quads_in((in_width + 1) / 2);
  Quad upper[kMostQuads];
pairs_of_rows:
  for (tt_u32 y = 0; y < in_height; y += 2) {
    const bool has_lower = y + 1 < in_height;
  upper_row:
    for (tt_u32 q = 0; q < in_quads; ++q) {
#pragma HLS PIPELINE II=1
      upper[q] = rows.read();
    }
  lower_row:
    for (tt_u32 q = 0; q < out_quads; ++q) {
#pragma HLS PIPELINE II=2
      Quad out;
    halves:
      for (tt_u32 half = 0; half < 2; ++half) {
#pragma HLS UNROLL
        // Where the second quad is missing, its halves are behind the row's last sample.
        const bool is_there = 2 * q + half < in_quads;
        const Quad above = upper[is_there ? 2 * q + half : 2 * q];
        const Quad below = is_there && has_lower ? rows.read() : above;
      pairs:
        for (tt_u32 s = 0; s < 2; ++s) {
#pragma HLS UNROLL
          out.of[2 * half + s] = (tt_i16)tt_mean_of_four(above.of[2 * s], above.of[2 * s + 1], below.of[2 * s], below.of[2 * s + 1]);
        }
      }
      halved.write(out);
    }
  }
}

}  // namespace tintype::fpga

extern "C" void halve_plane(const tt_word* in, tt_word* out, tt_u32 in_width, tt_u32 in_height, tt_u32 in_stride, tt_u32 is_8_bit,
                            tt_u32 out_stride) {
#pragma HLS INTERFACE m_axi port=in offset=slave bundle=gmem0 max_widen_bitwidth=512
#pragma HLS INTERFACE m_axi port=out offset=slave bundle=gmem1 max_widen_bitwidth=512
#pragma HLS INTERFACE s_axilite port=return
  using namespace tintype::fpga;
  QuadStream rows("rows"), halved("halved");
  TT_DATAFLOW(region);
  TT_PROCESS(region, read_rows(in, in_width, in_height, in_stride, is_8_bit != 0, false, rows));
  TT_PROCESS(region, halve_rows(rows, in_width, in_height, halved));
  TT_PROCESS(region, write_rows(halved, (in_width + 1) / 2, (in_height + 1) / 2, out_stride, out));
  TT_RUN(region);
}
