// Pictures made in code to be compared: flat sky, gradients, texture, hard edges; and what lossy coding does to them.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/srgb_view.h"

namespace tintype::testing {

struct Scene {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t channels = 3;  // 3 or 4, interleaved
  std::vector<std::uint8_t> samples;

  SrgbView view() const {
    return SrgbView::interleaved(samples.data(), width, height, channels, std::size_t{width} * channels);
  }
};

// Differs with `seed`. With 4 channels: alpha goes from transparent at the left to opaque at the right.
Scene make_scene(std::uint32_t width, std::uint32_t height, unsigned seed, std::uint32_t channels = 3);
// Blocks of 8 x 8 moved towards their mean, and noise; `strength` 0 changes nothing, 1 leaves little. Alpha stays.
Scene distorted(const Scene& scene, double strength, unsigned seed);

}  // namespace tintype::testing
