// Image: interleaved 8-bit sRGB-like samples, RGB or RGBA, rows top to bottom, move-only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.h"

namespace tintype {

struct Image {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t channels = 3;    // 3: RGB, 4: RGBA (not premultiplied)
  std::size_t stride_bytes = 0;  // of a row, at least width * channels
  Bytes pixels;                  // height * stride_bytes

  static Image allocate(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
    Image image{width, height, channels, std::size_t{width} * channels, {}};
    image.pixels = Bytes(image.stride_bytes * height);
    return image;
  }
  std::uint8_t* row(std::uint32_t y) { return pixels.data() + y * stride_bytes; }
  const std::uint8_t* row(std::uint32_t y) const { return pixels.data() + y * stride_bytes; }
};

}  // namespace tintype
