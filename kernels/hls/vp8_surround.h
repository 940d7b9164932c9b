// The first stages of vp8_macroblocks: a macroblock's pixels from memory, and what is around it from memory on the chip.
#pragma once

#include "kernels/hls/vp8_tokens.h"

namespace tintype::fpga {

// Outside the picture its last column and row go on.
static inline void load_square(const tt_u8* plane, tt_u32 width, tt_u32 height, tt_u32 x, tt_u32 y, int side, uint8_t* out) {
lines:
  for (int line = 0; line < side; ++line) {
    const tt_u32 py = y + (tt_u32)line < height ? y + (tt_u32)line : height - 1;
    const tt_u8* from = plane + (uint64_t)py * width;
    for (int i = 0; i < side; ++i) {
#pragma HLS PIPELINE II=1
      out[side * line + i] = from[x + (tt_u32)i < width ? x + (tt_u32)i : width - 1];
    }
  }
}

static inline void load_macroblocks(const tt_u8* y, const tt_u8* u, const tt_u8* v, const tt_u8* segments, tt_u32 width,
                                    tt_u32 height, PixelStream& pixels) {
  const tt_u32 columns = (width + 15) / 16, rows = (height + 15) / 16;
  for_each_macroblock(columns, rows, [&](tt_u32 column, tt_u32 row) {
    Pixels own;
    own.column = (uint16_t)column;
    own.row = (uint16_t)row;
    own.segment = segments[row * columns + column] & 3;
    load_square(y, width, height, 16 * column, 16 * row, 16, own.y);
    load_square(u, (width + 1) / 2, (height + 1) / 2, 8 * column, 8 * row, 8, own.u);
    load_square(v, (width + 1) / 2, (height + 1) / 2, 8 * column, 8 * row, 8, own.v);
    pixels.write(own);
  });
}

// The lower edges of what was decided last in each column, and the right edges in each row.
struct Neighbours {
  uint8_t y_above[kHlsMostMacroblocks][16], u_above[kHlsMostMacroblocks][8], v_above[kHlsMostMacroblocks][8];
  uint8_t modes_above[kHlsMostMacroblocks][4];
  uint16_t above_coded[kHlsMostMacroblocks];
  uint8_t y_left[kHlsMostMacroblocks][16], u_left[kHlsMostMacroblocks][8], v_left[kHlsMostMacroblocks][8];
  uint8_t modes_left[kHlsMostMacroblocks][4];
  uint16_t left_coded[kHlsMostMacroblocks];
  // Above the edge on the left: the column's lower edge has moved on by then.
  uint8_t y_corner[kHlsMostMacroblocks], u_corner[kHlsMostMacroblocks], v_corner[kHlsMostMacroblocks];
  int32_t credit[kHlsMostMacroblocks];
  uint16_t decided[kHlsMostMacroblocks];  // macroblocks of each row
};

template <int kSide>
void fill_border(const uint8_t* line_above, const uint8_t* line_left, uint8_t line_corner, bool has_above, bool has_left,
                 uint8_t* above, uint8_t* left, uint8_t& corner) {
  for (int i = 0; i < kSide; ++i) {
#pragma HLS UNROLL
    above[i] = has_above ? line_above[i] : 127;
    left[i] = has_left ? line_left[i] : 129;
  }
  corner = !has_above ? 127 : !has_left ? 129 : line_corner;
}

static inline void surround(const Neighbours& known, tt_u32 columns, Surrounded& out) {
  const tt_u32 column = out.own.column, row = out.own.row;
  out.has_above = row > 0;
  out.has_left = column > 0;
  fill_border<16>(known.y_above[column], known.y_left[row], known.y_corner[row], out.has_above, out.has_left, out.y_above,
                  out.y_left, out.y_corner);
  fill_border<8>(known.u_above[column], known.u_left[row], known.u_corner[row], out.has_above, out.has_left, out.u_above,
                 out.u_left, out.u_corner);
  fill_border<8>(known.v_above[column], known.v_left[row], known.v_corner[row], out.has_above, out.has_left, out.v_above,
                 out.v_left, out.v_corner);
  for (int i = 0; i < 4; ++i) {
#pragma HLS UNROLL
    const bool has_right = column + 1 < columns;
    out.y_above[16 + i] = !out.has_above ? 127 : has_right ? known.y_above[column + 1][i] : known.y_above[column][15];
    out.above_modes[i] = out.has_above ? known.modes_above[column][i] : (uint8_t)kVp8SubDc;
    out.left_modes[i] = out.has_left ? known.modes_left[row][i] : (uint8_t)kVp8SubDc;
  }
  out.above_coded = out.has_above ? known.above_coded[column] : (uint16_t)0;
  out.left_coded = out.has_left ? known.left_coded[row] : (uint16_t)0;
  out.budget = known.credit[row];
}

static inline void learn(const Edges& edges, tt_i32 credit_share, Neighbours& known) {
  const tt_u32 column = edges.column, row = edges.row;
  known.y_corner[row] = known.y_above[column][15];
  known.u_corner[row] = known.u_above[column][7];
  known.v_corner[row] = known.v_above[column][7];
  for (int i = 0; i < 16; ++i) {
#pragma HLS UNROLL
    known.y_above[column][i] = edges.y_below[i];
    known.y_left[row][i] = edges.y_right[i];
  }
  for (int i = 0; i < 8; ++i) {
#pragma HLS UNROLL
    known.u_above[column][i] = edges.u_below[i];
    known.u_left[row][i] = edges.u_right[i];
    known.v_above[column][i] = edges.v_below[i];
    known.v_left[row][i] = edges.v_right[i];
  }
  for (int i = 0; i < 4; ++i) {
#pragma HLS UNROLL
    known.modes_above[column][i] = edges.modes_below[i];
    known.modes_left[row][i] = edges.modes_right[i];
  }
  known.above_coded[column] = edges.below_coded;
  known.left_coded[row] = edges.right_coded;
  known.credit[row] += credit_share - edges.mode_cost;
  known.decided[row] = (uint16_t)(column + 1);
}

// Lets a macroblock in when those it needs have come back, and no more at once than `edges` has room for.
static inline void surround_macroblocks(PixelStream& pixels, EdgeStream& edges, tt_u32 columns, tt_u32 rows, tt_i32 credit,
                                        tt_i32 credit_share, SurroundedStream& surrounded) {
  Neighbours known;
  // Overwritten before it means anything; the first corner is copied from here.
  for (tt_u32 column = 0; column < columns; ++column) {
    known.y_above[column][15] = known.u_above[column][7] = known.v_above[column][7] = 0;
  }
  for (tt_u32 row = 0; row < rows; ++row) {
    known.credit[row] = credit + credit_share;
    known.decided[row] = 0;
    known.y_corner[row] = known.u_corner[row] = known.v_corner[row] = 0;
  }
  int in_flight = 0;
  for_each_macroblock(columns, rows, [&](tt_u32 column, tt_u32 row) {
    const tt_u32 of_row_above = column + 2 < columns ? column + 2 : columns;
    while (in_flight == kInFlight || known.decided[row] < column || (row > 0 && known.decided[row - 1] < of_row_above)) {
      learn(edges.read(), credit_share, known);
      --in_flight;
    }
    Surrounded next;
    next.own = pixels.read();
    surround(known, columns, next);
    surrounded.write(next);
    ++in_flight;
  });
  for (; in_flight > 0; --in_flight) edges.read();
}

}  // namespace tintype::fpga
