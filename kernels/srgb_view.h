// SrgbView: somebody else's 8-bit sRGB samples, interleaved or planar, with or without alpha (not premultiplied).
#pragma once

#include <cstddef>
#include <cstdint>

namespace tintype {

struct SrgbView {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  // The first row's first sample of each channel.
  const std::uint8_t* red = nullptr;
  const std::uint8_t* green = nullptr;
  const std::uint8_t* blue = nullptr;
  const std::uint8_t* alpha = nullptr;  // null: opaque
  std::size_t step_bytes = 0;    // from one sample to its right neighbour: 1 when planar, 3 or 4 when interleaved
  std::size_t stride_bytes = 0;  // from one sample to the one below

  // `channels` is 3 (RGB) or 4 (RGBA).
  static SrgbView interleaved(const std::uint8_t* pixels, std::uint32_t width, std::uint32_t height,
                              std::uint32_t channels, std::size_t stride_bytes) {
    return {width,    height,      pixels, pixels + 1, pixels + 2, channels == 4 ? pixels + 3 : nullptr,
            channels, stride_bytes};
  }
};

}  // namespace tintype
