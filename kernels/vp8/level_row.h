// LevelRow: the coefficient levels of one row of macroblocks, kept until the frame's probabilities are known.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/vp8/bool_writer.h"
#include "kernels/vp8/macroblock.h"
#include "kernels/vp8/probabilities.h"

namespace tintype::vp8 {

class LevelRow {
 public:
  void clear() { values_.clear(); }

  // The next macroblock of the row; its tokens are counted. `above`, `left`: as the macroblock was given them.
  void add(const Macroblock& macroblock, CodedBits above, CodedBits left, TokenCounts& counts);

  // The row's tokens, its modes given. With `with_skips` macroblocks without coefficients have none, as their modes say.
  // `above` has one entry a column, of the row before, and becomes this row's.
  void write(std::span<const MacroblockModes> modes, bool with_skips, std::span<CodedBits> above,
             const Probabilities& probabilities, BoolWriter& out) const;

 private:
  // Of each macroblock that is not empty, each block: the place in the scan behind the last level, then the levels up to it.
  std::vector<std::int16_t> values_;
};

}  // namespace tintype::vp8
