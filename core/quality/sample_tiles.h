// A sample of a picture: square tiles, spread over it, whose score tells what the whole picture's will be.
#pragma once

#include <cstdint>
#include <vector>

namespace tintype {

struct SampleTile {
  std::uint32_t x = 0;  // of its left upper corner
  std::uint32_t y = 0;
  bool operator==(const SampleTile&) const = default;
};

struct SamplePlan {
  static constexpr std::uint32_t kTileSide = 128;

  std::vector<SampleTile> tiles;
  // The tiles side by side make a picture of this many columns and rows of tiles, all filled.
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;

  std::uint32_t width() const { return columns * kTileSide; }
  std::uint32_t height() const { return rows * kTileSide; }
};

// About an eighth of the picture. Empty where that is not worth it: a sample would be too small to tell, or the picture
// is so small that it can be tried itself. Tiles begin on multiples of 16, where encoders' blocks begin, and do not depend
// on anything but the size.
SamplePlan plan_sample(std::uint32_t width, std::uint32_t height);

}  // namespace tintype
