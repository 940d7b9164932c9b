// The most that a fine sample can be is one less.
#include "tests/kernels/hls/mutants/mutants.h"

#include "kernels/shared/resize.h"

#define tt_fine(sum) ((tt_u16)tt_clamp(((sum) + (1 << (TT_TAP_BITS - 1))) >> TT_TAP_BITS, 0, TT_FINE_MAX - 1))
#include "kernels/hls/resize_plane.cpp"
