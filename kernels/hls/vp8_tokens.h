// What goes through the streams of vp8_macroblocks, a macroblock at a time. Which decisions are right: kernels/vp8/
// macroblock_search.h.
#pragma once

#include "kernels/hls/dataflow.h"
#include "kernels/hls/kernels.h"
#include "kernels/shared/vp8/device_frame.h"

namespace tintype::fpga {

constexpr unsigned kSecondOrderCoded = 1 << 8;  // of above_coded and left_coded; bits 0-3 are luma's, 4-5 U's, 6-7 V's

struct Pixels {
  uint16_t column, row;
  uint8_t segment;
  uint8_t y[256], u[64], v[64];
};

// A macroblock, and what was decided around it.
struct Surrounded {
  Pixels own;
  uint8_t y_above[20], y_left[16], y_corner;  // above: with four on the right
  uint8_t u_above[8], u_left[8], u_corner;
  uint8_t v_above[8], v_left[8], v_corner;
  bool has_above, has_left;
  uint8_t above_modes[4], left_modes[4];
  uint16_t above_coded, left_coded;
  int32_t budget;
};

// With its luma decided: whole, then perhaps in sub-blocks.
struct WithLuma {
  Surrounded in;
  int32_t whole_cost;
  uint8_t y[256];  // reconstructed
  Vp8DeviceMacroblock out;
};

// What those around need of a decided macroblock.
struct Edges {
  uint16_t column, row;
  uint8_t y_below[16], y_right[16];
  uint8_t u_below[8], u_right[8];
  uint8_t v_below[8], v_right[8];
  uint8_t modes_below[4], modes_right[4];
  uint16_t below_coded, right_coded;
  int32_t mode_cost;
};

// So many macroblocks are on their way at once: the stages of luma, sub-blocks and chroma, and one waiting before each.
constexpr int kInFlight = 6;

typedef hls::stream<Pixels, 2> PixelStream;
typedef hls::stream<Surrounded, 1> SurroundedStream;
typedef hls::stream<WithLuma, 1> LumaStream;
typedef hls::stream<Vp8DeviceMacroblock, 2> AnswerStream;
typedef hls::stream<Edges, kInFlight> EdgeStream;
typedef hls::stream<tt_u32, 64> TableStream;

// Macroblocks in the order that lets many be on their way: those with the same column + 2 * row wait for none of each other.
// Calls visit(column, row).
template <class Visit>
void for_each_macroblock(tt_u32 columns, tt_u32 rows, Visit visit) {
diagonals:
  for (tt_u32 diagonal = 0; diagonal < columns + 2 * (rows - 1); ++diagonal) {
    const tt_u32 first_row = diagonal < columns ? 0 : (diagonal - columns) / 2 + 1;
    const tt_u32 last_row = diagonal / 2 < rows ? diagonal / 2 : rows - 1;
  along:
    for (tt_u32 row = first_row; row <= last_row; ++row) visit(diagonal - 2 * row, row);
  }
}

}  // namespace tintype::fpga
