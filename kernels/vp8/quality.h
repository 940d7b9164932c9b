// From a quality to a quantiser, from a quantiser to its tables.
#pragma once

#include <cstdint>

#include "kernels/shared/vp8/code_block.h"

namespace tintype::vp8 {

inline constexpr int kMostQuantiser = 127;

// Index of the quantiser for libwebp's quality 0 to 100: 127 (1 - c^(1/3)), where c goes linearly from 0 to 1/2 at
// quality 75 and from there to 1 at 100.
int quantiser_of(int quality);

// Steps of the quantiser with this index for the four kinds of blocks, and the exchange rate of distortion for bits
// that belongs to it. `candidates`: vp8_code_block's depth.
void fill_quantisers(int index, int candidates, Vp8Quantiser quantisers[kVp8Kinds]);

// Level of the loop filter for a quantiser, in proportion to its step. `strength` 0 to 100.
int filter_level(int index, int strength);

}  // namespace tintype::vp8
