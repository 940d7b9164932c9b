// UprightLadder: a picture's components, a row at a time, to upright planes of several sizes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/ladder.h"
#include "codec/planar/plane_ladder.h"
#include "codec/planar/upright_planes.h"

namespace tintype {

class UprightLadder {
 public:
  // 1 component (gray) or 3 (YCbCr), as they are stored; `orientation` is EXIF's 1..8; `sizes` are upright.
  UprightLadder(std::span<const PlaneSource> components, std::uint8_t orientation, std::span<const PictureSize> sizes);

  std::size_t components() const { return sources_.size(); }
  std::uint32_t rows_left(std::size_t component) const { return sources_[component].height - rows_[component]; }
  // The component's next row, while any is left.
  void push_row(std::size_t component, const std::uint8_t* row);

  // Once no row is left: a picture for each size, in their order.
  std::vector<Planes> take() &&;

 private:
  const Turn turn_;
  std::vector<Planes> planes_;  // in the order they are stored, mirrored already, but not turned
  std::vector<PlaneSource> sources_;
  std::vector<PlaneLadder> ladders_;
  std::vector<std::uint32_t> rows_;  // that came, of each component
};

}  // namespace tintype
