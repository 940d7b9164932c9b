// The kernels of the FPGA: what each is given. Memory behind a pointer is the card's; rows start at whole words and what
// stands behind a row's last sample means nothing.
#pragma once

#include "kernels/shared/c_subset.h"
#include "kernels/shared/vp8/device_frame.h"

typedef uint64_t tt_word; /* 8 samples of 8 bits or 4 of 16, the first in the lowest bits */

/* What fits the memory on the chip. Whoever calls sees to it. */
enum {
  kHlsMostWidth = 16384,   /* samples of an input row */
  kHlsMostOutWidth = 16384, /* samples of an output row */
  kHlsMostTaps = 48,       /* of a resize's direction */
  kHlsMostMacroblocks = 1024 /* in a row, and rows */
};

/* A macroblock's answer, Vp8DeviceMacroblock, and the tables, Vp8DeviceTables, in words of 32 bits. */
enum { kVp8MacroblockWords = 207, kVp8TableWords = 2008 };

extern "C" {

/* A JPEG component's coefficients, 64 a block in rows of rising frequency, not yet multiplied by `quantiser`, to samples of 8 bits,
   scaled_size (8, 4, 2 or 1) to a block's side. Blocks in rows; at most kHlsMostWidth samples a row. Stride in words. */
void jpeg_plane(const tt_word* coefficients, const tt_u16* quantiser, tt_word* out, tt_u32 width_blocks, tt_u32 height_blocks,
                tt_u32 scaled_size, tt_u32 out_stride);

/* A plane at half the size, wide samples out: an odd last row or column is halved with itself. Strides in words. */
void halve_plane(const tt_word* in, tt_word* out, tt_u32 in_width, tt_u32 in_height, tt_u32 in_stride, tt_u32 is_8_bit,
                 tt_u32 out_stride);

/* A plane (8 bits, or wide) through taps down and across (kernels/resize_taps.h) to fine samples. `is_mirrored`: whether
   first_down falls. Strides of rows in words, of taps in weights, a multiple of 8. */
void resize_plane(const tt_word* in, const tt_u32* first_down, const tt_i16* weights_down, const tt_u32* first_across,
                  const tt_i16* weights_across, tt_word* out, tt_u32 in_width, tt_u32 in_height, tt_u32 in_stride,
                  tt_u32 is_8_bit, tt_u32 down_taps, tt_u32 down_stride, tt_u32 across_taps, tt_u32 across_stride,
                  tt_u32 out_width, tt_u32 out_height, tt_u32 out_stride, tt_u32 is_mirrored);

/* A picture to the modes and levels of its macroblocks. Planes have rows without gaps, chroma has half the sides, rounded up.
   `tables` Vp8DeviceTables, `segments` a byte a macroblock, `macroblocks` Vp8DeviceMacroblock in raster order. `credit` is what
   a row's modes may cost before its first macroblock, to which each adds `credit_share` (kernels/vp8/mode_budget.h).
   `depth` and `patience` as Vp8DeviceFrame has them. */
void vp8_macroblocks(const tt_u8* y, const tt_u8* u, const tt_u8* v, const tt_u32* tables, const tt_u8* segments,
                     tt_u32* macroblocks, tt_u32 width, tt_u32 height, tt_i32 credit, tt_i32 credit_share, tt_i32 depth,
                     tt_i32 patience);
}
