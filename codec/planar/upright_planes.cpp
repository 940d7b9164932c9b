#include "codec/planar/upright_planes.h"

#include <algorithm>

namespace tintype {
namespace {

// Tiles keep what is read across the rows in the first-level cache while what is written runs on.
constexpr std::uint32_t kTile = 32;

void transpose(const std::uint16_t* in, std::uint32_t width, std::uint32_t height, std::uint16_t* out) {
  for (std::uint32_t top = 0; top < height; top += kTile) {
    const std::uint32_t bottom = std::min(top + kTile, height);
    for (std::uint32_t x = 0; x < width; ++x)
      for (std::uint32_t y = top; y < bottom; ++y) out[std::size_t{x} * height + y] = in[std::size_t{y} * width + x];
  }
}

}  // namespace

Turn turn_of(std::uint8_t orientation) {
  switch (orientation) {
    case 2:
      return {true, false, false};
    case 3:
      return {true, true, false};
    case 4:
      return {false, true, false};
    case 5:
      return {false, false, true};
    case 6:
      return {false, true, true};
    case 7:
      return {true, true, true};
    case 8:
      return {true, false, true};
    default:
      return {};
  }
}

Planes with_sides_swapped(const Planes& planes) {
  Planes swapped = Planes::allocate(planes.height(), planes.width(), planes.chroma());
  for (const int plane : {0, 1, 2})
    transpose(planes.plane(plane).data(), planes.plane_width(plane), planes.plane_height(plane),
              swapped.plane(plane).data());
  return swapped;
}

}  // namespace tintype
