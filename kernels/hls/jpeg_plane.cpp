#include "kernels/hls/dataflow.h"
#include "kernels/hls/kernels.h"
#include "kernels/shared/jpeg_idct.h"

namespace tintype::fpga {

constexpr tt_u32 kWordsABlock = 16;

struct Block {
  tt_i16 of[64];
};
struct BlockSamples {
  tt_u8 of[8][8];  // rows; what the scale leaves out means nothing
};
typedef hls::stream<Block, 2> BlockStream;
typedef hls::stream<BlockSamples, 2> BlockSamplesStream;
typedef hls::stream<tt_word, 64> RowStream;

static void read_blocks(const tt_word* in, tt_u32 count, BlockStream& blocks) {
blocks:
  for (tt_u32 block = 0; block < count; ++block) {
#pragma HLS PIPELINE II=16
    Block out;
  words:
    for (tt_u32 i = 0; i < kWordsABlock; ++i) {
      const tt_word word = in[(uint64_t)block * kWordsABlock + i];
      for (tt_u32 s = 0; s < 4; ++s) out.of[4 * i + s] = (tt_i16)(tt_u16)(word >> (16 * s));
    }
    blocks.write(out);
  }
}

static void transform_line(tt_i32 line[8], tt_u32 size, int shift) {
  if (size == 8) {
    tt_idct8(line, shift);
  } else if (size == 4) {
    tt_idct4(line, shift);
  } else {
    tt_idct2(line, shift);
  }
}

static void transform_blocks(BlockStream& blocks, const tt_u16* quantiser, tt_u32 count, tt_u32 size, BlockSamplesStream& made) {
  tt_u16 steps[64];
#pragma HLS ARRAY_PARTITION variable=steps complete
load_steps:
  for (int i = 0; i < 64; ++i) {
#pragma HLS PIPELINE II=1
    steps[i] = quantiser[i];
  }
blocks:
  for (tt_u32 block = 0; block < count; ++block) {
#pragma HLS PIPELINE II=16
    const Block in = blocks.read();
    BlockSamples out = {};
    tt_i32 columns[8][8], rows[8][8];
#pragma HLS ARRAY_PARTITION variable=columns complete dim=0
#pragma HLS ARRAY_PARTITION variable=rows complete dim=0
  dequantise:
    for (int i = 0; i < 64; ++i) columns[i % 8][i / 8] = tt_mul(in.of[i], steps[i]);
    out.of[0][0] = tt_jpeg_sample(tt_idct1(columns[0][0]));
    if (size > 1) {
    down:
      for (int x = 0; x < 8; ++x) {
        transform_line(columns[x], size, TT_IDCT_COLUMN_SHIFT);
        for (int y = 0; y < 8; ++y) rows[y][x] = columns[x][y];
      }
    across:
      for (tt_u32 y = 0; y < 8; ++y) {
        if (y >= size) continue;
        transform_line(rows[y], size, TT_IDCT_ROW_SHIFT);
        for (int x = 0; x < 8; ++x) out.of[y][x] = tt_jpeg_sample(rows[y][x]);
      }
    }
    made.write(out);
  }
}

// Blocks come one after the other, rows leave one after the other: a row of blocks is kept between.
static void gather_rows(BlockSamplesStream& blocks, tt_u32 width_blocks, tt_u32 height_blocks, tt_u32 size, RowStream& words_out) {
  tt_u8 rows[8][kHlsMostWidth];
#pragma HLS ARRAY_PARTITION variable=rows dim=1 complete
#pragma HLS ARRAY_PARTITION variable=rows dim=2 cyclic factor=8
  const tt_u32 width = width_blocks * size, words = (width + 7) / 8;
rows_of_blocks:
  for (tt_u32 down = 0; down < height_blocks; ++down) {
  take_blocks:
    for (tt_u32 block = 0; block < width_blocks; ++block) {
#pragma HLS PIPELINE II=1
      const BlockSamples one = blocks.read();
      for (tt_u32 y = 0; y < 8; ++y) {
        for (tt_u32 x = 0; x < 8; ++x) {
          if (y < size && x < size) rows[y][block * size + x] = one.of[y][x];
        }
      }
    }
  give_rows:
    for (tt_u32 y = 0; y < size; ++y) {
      for (tt_u32 i = 0; i < words; ++i) {
#pragma HLS PIPELINE II=1
        tt_word word = 0;
        for (tt_u32 s = 0; s < 8; ++s) {
#pragma HLS UNROLL
          if (8 * i + s < width) word |= (tt_word)rows[y][8 * i + s] << (8 * s);
        }
        words_out.write(word);
      }
    }
  }
}

static void write_words(RowStream& words_in, tt_u32 words, tt_u32 rows, tt_u32 stride, tt_word* out) {
rows:
  for (tt_u32 y = 0; y < rows; ++y) {
  words:
    for (tt_u32 i = 0; i < words; ++i) {
#pragma HLS PIPELINE II=1
      out[(uint64_t)y * stride + i] = words_in.read();
    }
  }
}

}  // namespace tintype::fpga

extern "C" void jpeg_plane(const tt_word* coefficients, const tt_u16* quantiser, tt_word* out, tt_u32 width_blocks,
                           tt_u32 height_blocks, tt_u32 scaled_size, tt_u32 out_stride) {
#pragma HLS INTERFACE m_axi port=coefficients offset=slave bundle=gmem0 max_widen_bitwidth=512
#pragma HLS INTERFACE m_axi port=quantiser offset=slave bundle=gmem2
#pragma HLS INTERFACE m_axi port=out offset=slave bundle=gmem1 max_widen_bitwidth=512
#pragma HLS INTERFACE s_axilite port=return
  using namespace tintype::fpga;
  const tt_u32 count = width_blocks * height_blocks;
  BlockStream blocks("blocks");
  BlockSamplesStream samples("samples");
  RowStream rows("rows");
  TT_DATAFLOW(region);
  TT_PROCESS(region, read_blocks(coefficients, count, blocks));
  TT_PROCESS(region, transform_blocks(blocks, quantiser, count, scaled_size, samples));
  TT_PROCESS(region, gather_rows(samples, width_blocks, height_blocks, scaled_size, rows));
  TT_PROCESS(region, write_words(rows, (width_blocks * scaled_size + 7) / 8, height_blocks * scaled_size, out_stride, out));
  TT_RUN(region);
}
