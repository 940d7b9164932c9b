// Orientation on planes: mirrored while they are resized, then turned by swapping their sides.
#pragma once

#include <cstdint>

#include "codec/planes.h"

namespace tintype {

// A stored picture becomes upright when it is mirrored along these axes of its own and then, where `swaps_sides`,
// column x becomes row x.
struct Turn {
  bool mirror_x = false;
  bool mirror_y = false;
  bool swaps_sides = false;
};

// EXIF's 1..8 (EXIF 2.32, 4.6.4).
Turn turn_of(std::uint8_t orientation);

Planes with_sides_swapped(const Planes& planes);

}  // namespace tintype
