#include "workers/device/made_up_photo.h"

#include <algorithm>
#include <random>

namespace tintype {
namespace {

JpegComponent component_of(const MadeUpPhoto& photo, std::uint32_t divisor, std::mt19937& random) {
  const auto blocks = [&](std::uint32_t side) { return (side + 8 * divisor - 1) / (8 * divisor); };
  const auto samples = [&](std::uint32_t side) {
    return static_cast<std::uint32_t>((std::uint64_t{side} * photo.scaled_size + 8 * divisor - 1) / (8 * divisor));
  };
  const auto extent = [&](std::uint32_t side) { return double(side) * photo.scaled_size / (8.0 * divisor); };
  JpegComponent component;
  component.width_blocks = blocks(photo.width);
  component.height_blocks = blocks(photo.height);
  component.scaled_size = photo.scaled_size;
  component.plane = {samples(photo.width), samples(photo.height), extent(photo.width), extent(photo.height)};
  for (std::size_t i = 0; i < 64; ++i) {
    component.quantiser[i] =
        photo.is_hostile ? static_cast<std::uint16_t>(random()) : static_cast<std::uint16_t>(2 + i / 4);
  }
  return component;
}

// The mean goes in slopes across the picture; every fifth block has an edge, and all some texture.
void fill_block(std::uint32_t x, std::uint32_t y, bool is_hostile, std::mt19937& random, std::int16_t* block) {
  if (is_hostile) {
    for (int i = 0; i < 64; ++i) block[i] = static_cast<std::int16_t>(random());
    return;
  }
  block[0] = static_cast<std::int16_t>(static_cast<int>((x * 5 + y * 3) % 400) - 200);
  if ((x + y) % 5 == 0) {
    block[1] = static_cast<std::int16_t>(120 - static_cast<int>(x % 240));
    block[8] = static_cast<std::int16_t>(static_cast<int>(y % 160) - 80);
  }
  for (int i = 1; i < 20; ++i) block[i] = static_cast<std::int16_t>(block[i] + static_cast<int>(random() % 7) - 3);
}

}  // namespace

JpegCoefficients make_up_photo(const MadeUpPhoto& photo) {
  std::mt19937 random(photo.width * 31 + photo.height);  // the same photo every time
  JpegCoefficients made;
  for (const std::uint32_t divisor : {1u, 2u, 2u}) {
    if (photo.is_gray && !made.components.empty()) break;
    made.components.push_back(component_of(photo, divisor, random));
  }
  std::uint64_t bytes = 0;
  for (const JpegComponent& component : made.components) bytes += coefficient_bytes(component);
  made.coefficients = Bytes(bytes);
  std::ranges::fill(made.coefficients.mutable_view(), std::uint8_t{0});
  auto* block = reinterpret_cast<std::int16_t*>(made.coefficients.data());
  for (const JpegComponent& component : made.components)
    for (std::uint32_t y = 0; y < component.height_blocks; ++y)
      for (std::uint32_t x = 0; x < component.width_blocks; ++x, block += 64)
        fill_block(x, y, photo.is_hostile, random, block);
  made.width = made.components[0].plane.width;
  made.height = made.components[0].plane.height;
  return made;
}

}  // namespace tintype
