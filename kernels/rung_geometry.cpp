#include "kernels/rung_geometry.h"

namespace tintype {
namespace {

// The least that a halved input has, as a multiple of the picture made from it. Below it the halving's own softness
// would show in the picture.
constexpr double kLeastReduction = 1.5;

}  // namespace

PlaneSource halved(const PlaneSource& plane) {
  return {(plane.width + 1) / 2, (plane.height + 1) / 2, plane.extent_x / 2, plane.extent_y / 2};
}

RungGeometry rung_geometry(const PlaneSource& source, const RungPlane& plane) {
  RungGeometry geometry{0, source, {}, {}};
  PlaneSource& input = geometry.input;
  while (input.extent_x >= 2 * kLeastReduction * plane.width_px &&
         input.extent_y >= 2 * kLeastReduction * plane.height_px) {
    input = halved(input);
    ++geometry.halvings;
  }
  geometry.across = {input.width, input.extent_x, plane.width_px, plane.is_half, plane.mirror_x, geometry.halvings};
  geometry.down = {input.height, input.extent_y, plane.height_px, plane.is_half, plane.mirror_y, geometry.halvings};
  return geometry;
}

}  // namespace tintype
