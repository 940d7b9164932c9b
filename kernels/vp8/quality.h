// From a quality to a quantiser, from a quantiser to its tables.
#pragma once

#include <cstdint>

#include "kernels/shared/vp8/code_block.h"

namespace tintype::vp8 {

inline constexpr int kMostQuantiser = 127;

// Index of the quantiser for libwebp's quality 0 to 100: 127 (1 - c^(1/3)), where c goes linearly from 0 to 1/2 at
// quality 75 and from there to 1 at 100.
int quantiser_of(int quality);

// What is added to a quantiser's index for some of its steps, in the order of the frame's header: of luma's DC, of the
// second-order block's DC and AC, of chroma's DC and AC. The lowest frequencies are finer: their errors show at every
// distance.
inline constexpr int kIndexDeltas[5] = {-3, -3, 0, -3, 0};

// Steps of the quantiser with this index for the four kinds of blocks, and the exchange rate of distortion for bits
// that belongs to it. `chroma_weight`: errors of chroma, in percent of luma's. `candidates`: vp8_code_block's depth.
void fill_quantisers(int index, int chroma_weight, int candidates, Vp8Quantiser quantisers[kVp8Kinds]);

// Level of the loop filter for a quantiser, in proportion to its step. `strength`: 0 for none, 100 for much.
int filter_level(int index, int strength);

}  // namespace tintype::vp8
