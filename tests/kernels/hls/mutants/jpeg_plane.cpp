// The sample of a block at 1/8 rounds down.
#include "tests/kernels/hls/mutants/mutants.h"

#include "kernels/shared/jpeg_idct.h"

#define tt_idct1(v) ((v) >> 3)
#include "kernels/hls/jpeg_plane.cpp"
