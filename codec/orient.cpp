#include "codec/orient.h"

#include <algorithm>
#include <cstring>

namespace tintype {
namespace {

// Where stored pixel (x, y) goes: `origin` + x * `step_x` + y * `step_y`, in bytes.
struct Placement {
  std::uint8_t* origin;
  std::ptrdiff_t step_x;
  std::ptrdiff_t step_y;
};

Placement placement_of(std::uint8_t orientation, Image& upright) {
  const auto pixel = static_cast<std::ptrdiff_t>(upright.channels);
  const auto row = static_cast<std::ptrdiff_t>(upright.stride_bytes);
  std::uint8_t* top_left = upright.pixels.data();
  const std::ptrdiff_t right = pixel * (upright.width - 1);
  const std::ptrdiff_t bottom = row * (upright.height - 1);
  switch (orientation) {
    case 2:
      return {top_left + right, -pixel, row};
    case 3:
      return {top_left + bottom + right, -pixel, -row};
    case 4:
      return {top_left + bottom, pixel, -row};
    case 5:
      return {top_left, row, pixel};
    case 6:
      return {top_left + right, row, -pixel};
    case 7:
      return {top_left + bottom + right, -row, -pixel};
    case 8:
      return {top_left + bottom, -row, pixel};
    default:
      return {top_left, pixel, row};
  }
}

// Copies `count` pixels, each `from_step` and `to_step` bytes behind the last.
template <int kChannels>
void copy_pixels(const std::uint8_t* from, std::ptrdiff_t from_step, std::uint8_t* to, std::ptrdiff_t to_step,
                 std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i, from += from_step, to += to_step) std::memcpy(to, from, kChannels);
}

template <int kChannels>
void place(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t first_row, std::uint32_t count,
           std::uint8_t orientation, Image& upright) {
  const Placement to = placement_of(orientation, upright);
  const auto stride = static_cast<std::ptrdiff_t>(stride_bytes);
  const auto target = [&](std::uint32_t x, std::uint32_t y) {
    return to.origin + to.step_x * static_cast<std::ptrdiff_t>(x) +
           to.step_y * (static_cast<std::ptrdiff_t>(first_row) + y);
  };
  if (orientation < 5) {
    for (std::uint32_t y = 0; y < count; ++y)
      copy_pixels<kChannels>(rows + stride * y, kChannels, target(0, y), to.step_x, upright.width);
    return;
  }
  // Stored columns become rows. Tiles keep what is read across the rows in the first-level cache while what
  // is written runs on.
  constexpr std::uint32_t kTile = 32;
  const std::uint32_t width = upright.height;
  for (std::uint32_t top = 0; top < count; top += kTile) {
    const std::uint32_t tile_rows = std::min(kTile, count - top);
    for (std::uint32_t x = 0; x < width; ++x)
      copy_pixels<kChannels>(rows + stride * top + std::ptrdiff_t{kChannels} * x, stride, target(x, top), to.step_y,
                             tile_rows);
  }
}

}  // namespace

void place_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t first_row, std::uint32_t count,
                std::uint8_t orientation, Image& upright) {
  if (upright.channels == 4)
    place<4>(rows, stride_bytes, first_row, count, orientation, upright);
  else
    place<3>(rows, stride_bytes, first_row, count, orientation, upright);
}

Image make_upright(Image stored, std::uint8_t orientation) {
  if (orientation == 1) return stored;
  const bool swaps = orientation >= 5;
  Image upright =
      Image::allocate(swaps ? stored.height : stored.width, swaps ? stored.width : stored.height, stored.channels);
  place_rows(stored.pixels.data(), stored.stride_bytes, 0, stored.height, orientation, upright);
  return upright;
}

}  // namespace tintype
