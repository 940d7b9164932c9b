// A mean of four that rounds down.
#include "tests/kernels/hls/mutants/mutants.h"

#include "kernels/shared/resize.h"

#define tt_mean_of_four(a, b, c, d) (((a) + (b) + (c) + (d)) >> 2)
#include "kernels/hls/halve_plane.cpp"
