// PlaneLadder: one plane, a row at a time, to the same plane of every picture of a ladder.
//
// Holds no more of the input than the rows that its filters reach: what a 13 MP plane takes is about a megabyte. A
// picture far smaller than the input is made from the input halved, as often as leaves the filter something to do.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace tintype {

// The input: samples, and how many of them the picture covers (kernels/resize_taps.h).
struct PlaneSource {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  double extent_x = 0;
  double extent_y = 0;
};

// One output. Its plane is written in the input's orientation but for the mirroring.
struct PlaneTarget {
  std::span<std::uint16_t> samples;  // fine (kernels/reference/resize_rows.h), rows without gaps
  std::uint32_t width_px = 0;        // of the picture that it belongs to
  std::uint32_t height_px = 0;
  bool is_half = false;  // half of that, rounded up, each way: chroma of 4:2:0
  bool mirror_x = false;
  bool mirror_y = false;
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
