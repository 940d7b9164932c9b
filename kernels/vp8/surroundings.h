// Surroundings: of the row that is being coded, what the next macroblock needs to know about those already coded.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/vp8/macroblock.h"
#include "kernels/vp8/picture.h"

namespace tintype::vp8 {

class Surroundings {
 public:
  explicit Surroundings(const Picture& picture);

  // Everything of `in` but the budget and the segment.
  void fill(std::uint32_t row, std::uint32_t column, MacroblockInput& in) const;
  // The one that was filled last has been coded.
  void note(std::uint32_t column, const Macroblock& macroblock);
  void end_row();

 private:
  // What is at the lower edge of a row of macroblocks.
  struct Line {
    std::vector<std::uint8_t> y, u, v;
    std::vector<std::uint8_t> modes;
    std::vector<CodedBits> coded;
  };

  Picture picture_;
  std::uint32_t columns_;
  Line above_, below_;
  Macroblock left_;
};

// The picture's own pixels of one macroblock; outside the picture its last column and row go on.
void copy_pixels(const Picture& picture, std::uint32_t row, std::uint32_t column, MacroblockInput& in);
void copy_luma(const Picture& picture, std::uint32_t row, std::uint32_t column, MacroblockInput& in);

}  // namespace tintype::vp8
