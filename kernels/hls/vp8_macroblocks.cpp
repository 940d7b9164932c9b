// Planes to modes and levels. What a macroblock needs of those around it comes back from the last stage to the second, so
// macroblocks enter in an order in which neighbours are far apart, and several are decided at once.
//
//   pixels -> surround -> whole luma -> sub-blocks -> chroma -> answers
//               ^------------------ edges ----------------|
#include "kernels/hls/vp8_chroma.h"
#include "kernels/hls/vp8_luma.h"
#include "kernels/hls/vp8_surround.h"

extern "C" void vp8_macroblocks(const tt_u8* y, const tt_u8* u, const tt_u8* v, const tt_u32* tables, const tt_u8* segments,
                                tt_u32* macroblocks, tt_u32 width, tt_u32 height, tt_i32 credit, tt_i32 credit_share,
                                tt_i32 depth, tt_i32 patience) {
#pragma HLS INTERFACE m_axi port=y offset=slave bundle=gmem0
#pragma HLS INTERFACE m_axi port=u offset=slave bundle=gmem0
#pragma HLS INTERFACE m_axi port=v offset=slave bundle=gmem0
#pragma HLS INTERFACE m_axi port=tables offset=slave bundle=gmem2
#pragma HLS INTERFACE m_axi port=segments offset=slave bundle=gmem3
#pragma HLS INTERFACE m_axi port=macroblocks offset=slave bundle=gmem1 max_widen_bitwidth=512
#pragma HLS INTERFACE s_axilite port=return
  using namespace tintype::fpga;
  const tt_u32 columns = (width + 15) / 16, rows = (height + 15) / 16, count = columns * rows;
  TableStream luma_tables("luma_tables"), sub_block_tables("sub_block_tables"), chroma_tables("chroma_tables");
  PixelStream pixels("pixels");
  SurroundedStream surrounded("surrounded");
  LumaStream whole("whole"), luma("luma");
  EdgeStream edges("edges");
  AnswerStream answers("answers");
  hls::stream<tt_u32, 2> places("places");
  TT_DATAFLOW(region);
  TT_PROCESS(region, send_tables(tables, luma_tables, sub_block_tables, chroma_tables));
  TT_PROCESS(region, load_macroblocks(y, u, v, segments, width, height, pixels));
  TT_PROCESS(region, surround_macroblocks(pixels, edges, columns, rows, credit, credit_share, surrounded));
  TT_PROCESS(region, choose_whole_luma(luma_tables, surrounded, count, depth, whole));
  TT_PROCESS(region, choose_sub_blocks(sub_block_tables, whole, count, depth, patience, luma));
  TT_PROCESS(region, choose_chroma(chroma_tables, luma, count, depth, edges, answers, places, columns));
  TT_PROCESS(region, store_answers(answers, places, count, macroblocks));
  TT_RUN(region);
}
