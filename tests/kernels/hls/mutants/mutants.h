// The kernels with one small thing wrong in each: tests that cannot tell them from the kernels are no tests. A mutant's
// source includes the kernel's under another name, with one function of its arithmetic replaced.
#pragma once

#define jpeg_plane mutant_jpeg_plane
#define halve_plane mutant_halve_plane
#define resize_plane mutant_resize_plane
#define vp8_macroblocks mutant_vp8_macroblocks
#define fpga fpga_mutant
#include "kernels/hls/kernels.h"
