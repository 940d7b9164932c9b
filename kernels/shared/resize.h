// The arithmetic of resizing a plane, a sample at a time. kernels/reference/resize_rows.h says what the numbers mean.
#pragma once

#include "kernels/shared/c_subset.h"

#define TT_WIDE_BITS 7
#define TT_TAP_BITS 14
#define TT_FINE_MAX 16320
#define TT_CODE_SHIFT 22

TT_SHARED tt_i32 tt_widened(tt_u8 sample) { return sample << TT_WIDE_BITS; }

TT_SHARED tt_i32 tt_mean_of_two(tt_i32 a, tt_i32 b) { return (a + b + 1) >> 1; }

TT_SHARED tt_i32 tt_mean_of_four(tt_i32 upper_left, tt_i32 upper_right, tt_i32 lower_left, tt_i32 lower_right) {
  return tt_mean_of_two(tt_mean_of_two(upper_left, lower_left), tt_mean_of_two(upper_right, lower_right));
}

// What one wide row gives to a mixed one.
TT_SHARED tt_i32 tt_mix_term(tt_i32 wide, tt_i32 weight) { return (wide * weight + (1 << 14)) >> 15; }

// The sum of mixed samples times their weights, to a fine sample.
TT_SHARED tt_u16 tt_fine(tt_i32 sum) {
  return (tt_u16)tt_clamp((sum + (1 << (TT_TAP_BITS - 1))) >> TT_TAP_BITS, 0, TT_FINE_MAX);
}

TT_SHARED tt_u32 tt_coded(tt_u32 fine, tt_u32 scale, tt_u32 bias) { return (fine * scale + bias) >> TT_CODE_SHIFT; }
