// Coding of a macroblock's modes: the trees, walked by whoever writes or counts, and what each mode costs.
#pragma once

#include <cstdint>

#include "kernels/shared/vp8/tables.h"

namespace tintype::vp8 {

// Calls put(bit, prob) for each bool of the mode's code.
template <class Put>
void visit_luma_mode(int mode, Put put) {
  const auto& p = kVp8LumaModeProbs;
  put(mode != kVp8SubBlocks, p[0]);
  if (mode == kVp8SubBlocks) return;
  const bool second = mode == kVp8Horizontal || mode == kVp8TrueMotion;
  put(second, p[1]);
  if (second) {
    put(mode == kVp8TrueMotion, p[3]);
  } else {
    put(mode == kVp8Vertical, p[2]);
  }
}

template <class Put>
void visit_chroma_mode(int mode, Put put) {
  const auto& p = kVp8ChromaModeProbs;
  put(mode != kVp8Dc, p[0]);
  if (mode == kVp8Dc) return;
  put(mode != kVp8Vertical, p[1]);
  if (mode == kVp8Vertical) return;
  put(mode == kVp8TrueMotion, p[2]);
}

template <class Put>
void visit_sub_mode(int mode, int above, int left, Put put) {
  const std::uint8_t* p = kVp8SubModeProbs[above][left];
  // The branch that each inner node of the tree takes is "true" for the modes behind it.
  put(mode != kVp8SubDc, p[0]);
  if (mode == kVp8SubDc) return;
  put(mode != kVp8SubTrueMotion, p[1]);
  if (mode == kVp8SubTrueMotion) return;
  put(mode != kVp8SubVertical, p[2]);
  if (mode == kVp8SubVertical) return;
  const bool low = mode == kVp8SubHorizontal || mode == kVp8SubRightDown || mode == kVp8SubVerticalRight;
  put(!low, p[3]);
  if (low) {
    put(mode != kVp8SubHorizontal, p[4]);
    if (mode != kVp8SubHorizontal) put(mode == kVp8SubVerticalRight, p[5]);
    return;
  }
  put(mode != kVp8SubLeftDown, p[6]);
  if (mode == kVp8SubLeftDown) return;
  put(mode != kVp8SubVerticalLeft, p[7]);
  if (mode == kVp8SubVerticalLeft) return;
  put(mode == kVp8SubHorizontalUp, p[8]);
}

// In 1/kVp8Unit bit. Places behind the last sub-block mode cost more than any block.
struct ModeCosts {
  std::int16_t luma[5];
  std::int16_t chroma[4];
  alignas(64) std::int16_t sub[kVp8SubModes][kVp8SubModes][16];  // [above][left]

  static const ModeCosts& of_key_frames();
  // The same 2^thrift times over, for deciding with when bits for modes are short. `thrift` below kThrifts.
  static const ModeCosts& of_key_frames(int thrift);
};
inline constexpr int kThrifts = 4;

// The sub-block mode that neighbours take a whole macroblock's mode for.
constexpr int sub_mode_of(int luma_mode) {
  switch (luma_mode) {
    case kVp8Vertical:
      return kVp8SubVertical;
    case kVp8Horizontal:
      return kVp8SubHorizontal;
    case kVp8TrueMotion:
      return kVp8SubTrueMotion;
    default:
      return kVp8SubDc;
  }
}

}  // namespace tintype::vp8
