// How one plane of a rung is made from a plane of the source: from which halving of it, and along which axes. Every
// target makes pictures by these numbers, so that all of them make the same.
#pragma once

#include <cstdint>

#include "kernels/resize_taps.h"

namespace tintype {

// The input: samples, and how many of them the picture covers (kernels/resize_taps.h).
struct PlaneSource {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  double extent_x = 0;
  double extent_y = 0;
};

// The same plane, halved once: an odd last row or column is halved with itself.
PlaneSource halved(const PlaneSource& plane);

// A plane of a picture of width_px x height_px, in the input's orientation but for the mirroring.
struct RungPlane {
  std::uint32_t width_px = 0;
  std::uint32_t height_px = 0;
  bool is_half = false;  // half of that, rounded up, each way: chroma of 4:2:0
  bool mirror_x = false;
  bool mirror_y = false;
};

struct RungGeometry {
  std::uint32_t halvings = 0;
  PlaneSource input;  // the source, halved so often
  ResizeAxis across;
  ResizeAxis down;
};

// A picture far smaller than the source is made from the source halved, as often as leaves the filter something to do.
RungGeometry rung_geometry(const PlaneSource& source, const RungPlane& plane);

}  // namespace tintype
