// What is fixed for a frame before its macroblocks are decided.
#pragma once

#include <cstdint>

#include "kernels/shared/vp8/code_block.h"
#include "kernels/vp8/modes.h"

namespace tintype::vp8 {

// How hard the search tries.
struct SearchDepth {
  int levels = 2;  // candidates a coefficient: 1 or 2 (code_block.h)
};

struct FrameTables {
  Vp8Quantiser quantisers[4][kVp8Kinds];  // by segment
  Vp8Costs costs[kVp8Kinds];
  SearchDepth depth;
  const ModeCosts* modes = &ModeCosts::of_key_frames();
};

}  // namespace tintype::vp8
