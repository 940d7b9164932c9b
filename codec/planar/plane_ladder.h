// PlaneLadder: one plane, a row at a time, to the same plane of every picture of a ladder.
//
// Holds no more of the input than the rows that its filters reach: what a 13 MP plane takes is about a megabyte.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/rung_geometry.h"

namespace tintype {

// One output. Its plane is written in the input's orientation but for the mirroring.
struct PlaneTarget {
  std::span<std::uint16_t> samples;  // fine (kernels/reference/resize_rows.h), rows without gaps
  RungPlane plane;
};

class PlaneLadder {
 public:
  PlaneLadder(const PlaneSource& source, std::span<const PlaneTarget> targets);
  ~PlaneLadder();
  PlaneLadder(PlaneLadder&&) noexcept;

  // The next row, `source.width` samples of 8 bits. After `source.height` of them every target is whole.
  void push_row(const std::uint8_t* row);

 private:
  struct Rung;
  struct Level;

  void push_to(std::size_t level);

  std::vector<std::unique_ptr<Level>> levels_;  // each half of the one before
};

}  // namespace tintype
