// LevelRow: the coefficients of one row of macroblocks, kept until the frame's probabilities are known: as levels, or
// where memory allows as the tokens that they become, which take about three times as much.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/vp8/macroblock.h"
#include "kernels/vp8/token_list.h"

namespace tintype::vp8 {

class LevelRow {
 public:
  explicit LevelRow(bool keeps_tokens = false) : keeps_tokens_(keeps_tokens) {}

  // The next macroblock of the row; its tokens are counted. `above`, `left`: as the macroblock was given them.
  void add(const Macroblock& macroblock, CodedBits above, CodedBits left, TokenList& scratch, TokenCounts& counts);
  // Gives back the room that was not needed.
  void finish();

  // The row's tokens, kept or made in `scratch`. `modes` are the row's. With `with_skips` macroblocks without
  // coefficients have no tokens, as their modes say; rows that keep tokens know no other way. `above` has one entry a
  // column, of the row before, and becomes this row's where tokens are made.
  std::span<const Token> tokens(std::span<const MacroblockModes> modes, bool with_skips, std::span<CodedBits> above,
                                TokenList& scratch) const;

 private:
  void keep_levels(const Macroblock& macroblock);

  bool keeps_tokens_;
  std::vector<Token> tokens_;
  // Of each macroblock that is not empty, each block: the place in the scan behind the last level, then the levels up
  // to it. With room behind the last.
  std::vector<std::int16_t> values_;
  std::size_t size_ = 0;
};

}  // namespace tintype::vp8
