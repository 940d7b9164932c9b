// The inverse DCT of JPEG in 13-bit fixed point, whole and at 1/2, 1/4 and 1/8: the numbers that libjpeg-turbo's
// accurate integer transform ("islow") gives for every picture of 8-bit samples.
//
// The 8-point transform is that of C. Loeffler, A. Ligtenberg and G. Moschytz, "Practical fast 1-D DCT algorithms with
// 11 multiplications", ICASSP 1989. The 4- and 2-point ones give the means of neighbouring outputs of the whole one,
// less what coefficients contribute that vanish in them. Each runs over columns first, leaving TT_IDCT_EXTRA_BITS of
// fraction, then over rows.
#pragma once

#include "kernels/shared/c_subset.h"

#define TT_IDCT_BITS 13
#define TT_IDCT_EXTRA_BITS 2

// Shifts of the two passes; of the 4-point transform one more, of the 2-point two more.
#define TT_IDCT_COLUMN_SHIFT (TT_IDCT_BITS - TT_IDCT_EXTRA_BITS)
#define TT_IDCT_ROW_SHIFT (TT_IDCT_BITS + TT_IDCT_EXTRA_BITS + 3)

TT_SHARED tt_i32 tt_rounded_shift(tt_i32 value, int bits) { return tt_add(value, 1 << (bits - 1)) >> bits; }

// v[0..7], frequencies of one line, to its 8 samples in place.
TT_SHARED void tt_idct8(tt_i32 v[8], int shift) {
  // Even frequencies.
  const tt_i32 rotated = tt_mul(tt_add(v[2], v[6]), 4433);     // 0.541196100
  const tt_i32 even2 = tt_add(rotated, tt_mul(v[6], -15137));  // 1.847759065
  const tt_i32 even3 = tt_add(rotated, tt_mul(v[2], 6270));    // 0.765366865
  const tt_i32 even0 = tt_shl(tt_add(v[0], v[4]), TT_IDCT_BITS);
  const tt_i32 even1 = tt_shl(tt_sub(v[0], v[4]), TT_IDCT_BITS);
  const tt_i32 outer_sum = tt_add(even0, even3), outer_difference = tt_sub(even0, even3);
  const tt_i32 inner_sum = tt_add(even1, even2), inner_difference = tt_sub(even1, even2);

  // Odd frequencies.
  const tt_i32 both = tt_mul(tt_add(tt_add(v[7], v[3]), tt_add(v[5], v[1])), 9633);  // 1.175875602
  const tt_i32 far = tt_mul(tt_add(v[7], v[1]), -7373);                              // 0.899976223
  const tt_i32 near = tt_mul(tt_add(v[5], v[3]), -20995);                            // 2.562915447
  const tt_i32 lower = tt_add(tt_mul(tt_add(v[7], v[3]), -16069), both);             // 1.961570560
  const tt_i32 upper = tt_add(tt_mul(tt_add(v[5], v[1]), -3196), both);              // 0.390180644
  const tt_i32 odd0 = tt_add(tt_mul(v[7], 2446), tt_add(far, lower));                // 0.298631336
  const tt_i32 odd1 = tt_add(tt_mul(v[5], 16819), tt_add(near, upper));              // 2.053119869
  const tt_i32 odd2 = tt_add(tt_mul(v[3], 25172), tt_add(near, lower));              // 3.072711026
  const tt_i32 odd3 = tt_add(tt_mul(v[1], 12299), tt_add(far, upper));               // 1.501321110

  v[0] = tt_rounded_shift(tt_add(outer_sum, odd3), shift);
  v[7] = tt_rounded_shift(tt_sub(outer_sum, odd3), shift);
  v[1] = tt_rounded_shift(tt_add(inner_sum, odd2), shift);
  v[6] = tt_rounded_shift(tt_sub(inner_sum, odd2), shift);
  v[2] = tt_rounded_shift(tt_add(inner_difference, odd1), shift);
  v[5] = tt_rounded_shift(tt_sub(inner_difference, odd1), shift);
  v[3] = tt_rounded_shift(tt_add(outer_difference, odd0), shift);
  v[4] = tt_rounded_shift(tt_sub(outer_difference, odd0), shift);
}

// v[0..7] to 4 samples in v[0..3]; v[4] is not looked at.
TT_SHARED void tt_idct4(tt_i32 v[8], int shift) {
  const tt_i32 direct = tt_shl(v[0], TT_IDCT_BITS + 1);
  const tt_i32 even = tt_add(tt_mul(v[2], 15137), tt_mul(v[6], -6270));               // 1.847759065, 0.765366865
  const tt_i32 odd_inner = tt_add(tt_add(tt_mul(v[7], -1730), tt_mul(v[5], 11893)),   // 0.211164243, 1.451774981
                                  tt_add(tt_mul(v[3], -17799), tt_mul(v[1], 8697)));  // 2.172734803, 1.061594337
  const tt_i32 odd_outer = tt_add(tt_add(tt_mul(v[7], -4176), tt_mul(v[5], -4926)),   // 0.509795579, 0.601344887
                                  tt_add(tt_mul(v[3], 7373), tt_mul(v[1], 20995)));   // 0.899976223, 2.562915447
  const tt_i32 outer = tt_add(direct, even), inner = tt_sub(direct, even);
  v[0] = tt_rounded_shift(tt_add(outer, odd_outer), shift + 1);
  v[3] = tt_rounded_shift(tt_sub(outer, odd_outer), shift + 1);
  v[1] = tt_rounded_shift(tt_add(inner, odd_inner), shift + 1);
  v[2] = tt_rounded_shift(tt_sub(inner, odd_inner), shift + 1);
}

// v[0..7] to 2 samples in v[0..1]; v[2], v[4] and v[6] are not looked at.
TT_SHARED void tt_idct2(tt_i32 v[8], int shift) {
  const tt_i32 direct = tt_shl(v[0], TT_IDCT_BITS + 2);
  const tt_i32 odd = tt_add(tt_add(tt_mul(v[7], -5906), tt_mul(v[5], 6967)),     // 0.720959822, 0.850430095
                            tt_add(tt_mul(v[3], -10426), tt_mul(v[1], 29692)));  // 1.272758580, 3.624509785
  v[0] = tt_rounded_shift(tt_add(direct, odd), shift + 2);
  v[1] = tt_rounded_shift(tt_sub(direct, odd), shift + 2);
}

// The one sample of a block at 1/8, from its dequantised first coefficient.
TT_SHARED tt_i32 tt_idct1(tt_i32 v) { return tt_rounded_shift(v, 3); }

// A transform's result to a sample.
TT_SHARED tt_u8 tt_jpeg_sample(tt_i32 value) { return (tt_u8)tt_clamp(tt_add(value, 128), 0, 255); }
