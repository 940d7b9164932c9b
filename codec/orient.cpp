#include "codec/orient.h"

#include <algorithm>
#include <cstring>

namespace tintype {
namespace {

// Where stored pixel (0, y) goes and how far apart its right-hand neighbours land, both in bytes.
struct Path {
  std::uint8_t* start;
  std::ptrdiff_t step;
};

Path path_of_row(std::uint32_t y, std::uint8_t orientation, Image& upright) {
  const auto pixel = static_cast<std::ptrdiff_t>(upright.channels);
  const auto row = static_cast<std::ptrdiff_t>(upright.stride_bytes);
  const std::ptrdiff_t right = pixel * (upright.width - 1);
  const std::ptrdiff_t bottom = row * (upright.height - 1);
  const std::ptrdiff_t line = y;
  std::uint8_t* origin = upright.pixels.data();
  switch (orientation) {
    case 2: return {origin + row * line + right, -pixel};
    case 3: return {origin + bottom - row * line + right, -pixel};
    case 4: return {origin + bottom - row * line, pixel};
    case 5: return {origin + pixel * line, row};
    case 6: return {origin + right - pixel * line, row};
    case 7: return {origin + bottom + right - pixel * line, -row};
    case 8: return {origin + bottom + pixel * line, -row};
    default: return {origin + row * line, pixel};
  }
}

template <int kChannels>
void copy_pixels(const std::uint8_t* from, std::uint32_t count, Path to) {
  std::uint8_t* out = to.start;
  for (std::uint32_t x = 0; x < count; ++x, from += kChannels, out += to.step) std::memcpy(out, from, kChannels);
}

template <int kChannels>
void place(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t first_row, std::uint32_t count,
           std::uint8_t orientation, Image& upright) {
  const std::uint32_t width = orientation >= 5 ? upright.height : upright.width;
  // Turned by a quarter, a stored row becomes a column: tiles keep the cache lines that they write in reach.
  constexpr std::uint32_t kTile = 32;
  const std::uint32_t tile_width = orientation >= 5 ? kTile : width;
  for (std::uint32_t top = 0; top < count; top += kTile) {
    const std::uint32_t bottom = std::min(count, top + kTile);
    for (std::uint32_t left = 0; left < width; left += tile_width) {
      const std::uint32_t columns = std::min(tile_width, width - left);
      for (std::uint32_t y = top; y < bottom; ++y) {
        Path path = path_of_row(first_row + y, orientation, upright);
        path.start += path.step * static_cast<std::ptrdiff_t>(left);
        copy_pixels<kChannels>(rows + stride_bytes * y + std::size_t{left} * kChannels, columns, path);
      }
    }
  }
}

}  // namespace

void place_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t first_row, std::uint32_t count,
                std::uint8_t orientation, Image& upright) {
  if (upright.channels == 4) place<4>(rows, stride_bytes, first_row, count, orientation, upright);
  else place<3>(rows, stride_bytes, first_row, count, orientation, upright);
}

Image make_upright(Image stored, std::uint8_t orientation) {
  if (orientation == 1) return stored;
  const bool swaps = orientation >= 5;
  Image upright = Image::allocate(swaps ? stored.height : stored.width, swaps ? stored.width : stored.height,
                                  stored.channels);
  place_rows(stored.pixels.data(), stored.stride_bytes, 0, stored.height, orientation, upright);
  return upright;
}

}  // namespace tintype
