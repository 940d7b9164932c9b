// orient: EXIF orientation applied to pixels.
#pragma once

#include <cstdint>

#include "codec/image.h"

namespace tintype {

// Copies `count` stored rows, the first of which is row `first_row` of the stored picture, to where they
// belong in the upright one. `upright` has the upright sizes; `rows` are `stride_bytes` apart and have
// upright.channels samples a pixel. `orientation` is EXIF's 1..8 (EXIF 2.32, 4.6.4). Fastest with 16 rows or
// more at a time.
void place_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t first_row, std::uint32_t count,
                std::uint8_t orientation, Image& upright);

// The whole of it; gives `stored` back untouched for orientation 1.
Image make_upright(Image stored, std::uint8_t orientation);

}  // namespace tintype
