// One macroblock: what is known before its modes are decided, and what is decided.
#pragma once

#include <cstdint>

#include "kernels/shared/vp8/types.h"

namespace tintype::vp8 {

// Which blocks at an edge of a macroblock have coefficients: bits 0-3 luma, 4-5 U, 6-7 V, from the left or from above;
// bit 8 the second-order block.
using CodedBits = std::uint16_t;
inline constexpr CodedBits kSecondOrderBit = 1 << 8;

// Pixels above (the corner apart) and on the left of one square.
template <int kSide>
struct Border {
  alignas(16) std::uint8_t above[kSide];
  alignas(16) std::uint8_t left[kSide];
  std::uint8_t corner;
};

struct MacroblockInput {
  alignas(64) std::uint8_t y[256];  // the picture's own pixels, rows without gaps
  alignas(64) std::uint8_t u[64];
  alignas(64) std::uint8_t v[64];
  // What was reconstructed around, or what the format puts outside the picture.
  Border<16> y_border;
  Border<8> u_border, v_border;
  std::uint8_t above_right[4];
  bool has_above;
  bool has_left;
  std::uint8_t above_modes[4];  // sub-block modes of the neighbours
  std::uint8_t left_modes[4];
  CodedBits above_coded;
  CodedBits left_coded;
  int segment;
  int thrift;       // which of FrameTables::modes to decide with
  int mode_budget;  // the most that the modes may cost, in 1/kVp8Unit bit; the cheapest are always allowed
};

struct MacroblockModes {
  std::uint8_t luma;
  std::uint8_t chroma;
  std::uint8_t segment;
  bool is_empty;         // no coefficients
  std::uint8_t sub[16];  // where luma is not kVp8SubBlocks, what neighbours take it for
  bool has_second_order() const { return luma != kVp8SubBlocks; }
};

struct Macroblock {
  MacroblockModes modes;
  int mode_cost;
  CodedBits below_coded;  // what the macroblock below has as above_coded, and the one on the right as left_coded
  CodedBits right_coded;
  alignas(64) std::int16_t levels[kVp8Blocks][16];  // in the order of the scan
  alignas(64) std::uint8_t y[256];                  // reconstructed, before the loop filter
  alignas(64) std::uint8_t u[64];
  alignas(64) std::uint8_t v[64];
};

}  // namespace tintype::vp8
