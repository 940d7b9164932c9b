// What is fixed for a frame before its macroblocks are decided.
#pragma once

#include <cstdint>

#include "kernels/shared/vp8/code_block.h"
#include "kernels/vp8/modes.h"

namespace tintype::vp8 {

// How hard the search tries.
struct SearchDepth {
  int levels = 2;              // candidates a coefficient: 1 or 2 (code_block.h)
  int patience = kVp8Endless;  // with sub-blocks that fall behind the whole (vp8_keeps_up)
};

struct FrameTables {
  Vp8Quantiser quantisers[4][kVp8Kinds];  // by segment
  Vp8Costs costs[kVp8Kinds];
  SearchDepth depth;
  const ModeCosts* modes[kThrifts] = {&ModeCosts::of_key_frames(0), &ModeCosts::of_key_frames(1),
                                      &ModeCosts::of_key_frames(2), &ModeCosts::of_key_frames(3)};
};

}  // namespace tintype::vp8
