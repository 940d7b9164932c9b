#include "tests/kernels/scenes.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace tintype::testing {
namespace {

std::uint8_t to_sample(double value) { return static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0)); }

}  // namespace

Scene make_scene(std::uint32_t width, std::uint32_t height, unsigned seed, std::uint32_t channels) {
  Scene scene{width, height, channels, std::vector<std::uint8_t>(std::size_t{width} * height * channels)};
  std::mt19937 random(seed);
  std::normal_distribution<double> grain(0, 12);
  const double tilt = 0.3 + 0.1 * (seed % 7), tone = 40.0 * (seed % 5);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const double u = double(x) / width, v = double(y) / height;
      double r = 60 + 120 * v, g = 90 + 80 * u, b = 200 - 90 * v + tone * 0.2;
      if (v < 0.3) {
        r = 120, g = 160, b = 230;  // flat
      } else if (u > tilt && v > 0.55) {
        const double texture = 40 * std::sin(0.9 * x) * std::cos(0.7 * y) + grain(random);
        r += texture, g += texture * 0.8, b += grain(random);
      }
      if (std::abs(u + v - 1) < 0.02) r = 250, g = tone, b = 20;  // an edge
      std::uint8_t* pixel = &scene.samples[(std::size_t{y} * width + x) * channels];
      pixel[0] = to_sample(r), pixel[1] = to_sample(g), pixel[2] = to_sample(b);
      if (channels == 4) pixel[3] = to_sample(255 * (1.2 * u - 0.1));
    }
  }
  return scene;
}

Scene distorted(const Scene& scene, double strength, unsigned seed) {
  Scene out = scene;
  std::mt19937 random(seed);
  std::normal_distribution<double> noise(0, 10);
  for (std::uint32_t top = 0; top < scene.height; top += 8) {
    for (std::uint32_t left = 0; left < scene.width; left += 8) {
      const std::uint32_t bottom = std::min(top + 8, scene.height), right = std::min(left + 8, scene.width);
      for (std::uint32_t c = 0; c < 3; ++c) {
        const auto at = [&](std::uint32_t x, std::uint32_t y) {
          return (std::size_t{y} * scene.width + x) * scene.channels + c;
        };
        double sum = 0;
        for (std::uint32_t y = top; y < bottom; ++y) {
          for (std::uint32_t x = left; x < right; ++x) sum += scene.samples[at(x, y)];
        }
        const double mean = sum / (double(bottom - top) * (right - left));
        for (std::uint32_t y = top; y < bottom; ++y) {
          for (std::uint32_t x = left; x < right; ++x) {
            const double value = scene.samples[at(x, y)];
            out.samples[at(x, y)] = to_sample(value + strength * (mean - value) + strength * noise(random) + 0.5);
          }
        }
      }
    }
  }
  return out;
}

}  // namespace tintype::testing
