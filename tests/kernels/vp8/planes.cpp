#include "tests/kernels/vp8/planes.h"

#include <webp/decode.h>

#include <algorithm>
#include <cstring>
#include <format>
#include <memory>
#include <random>

namespace tintype::test {
namespace {

struct WebpFree {
  void operator()(std::uint8_t* memory) const { WebPFree(memory); }
};

int clamp8(int v) { return std::clamp(v, 0, 255); }

int sample_of(Scene scene, int x, int y, int plane, std::mt19937& random, std::uint32_t seed) {
  const int shift = static_cast<int>(seed % 97);
  switch (scene) {
    case Scene::kFlat:
      return 40 + shift + 30 * plane;
    case Scene::kNoise:
      return static_cast<int>(random() & 255);
    case Scene::kChecker:
      return (x + y + plane) % 2 ? 255 : 0;
    case Scene::kGradient:
      return clamp8((x * 2 + y + shift) % 256);
    case Scene::kShapes: {
      const int inside = (x - 20) * (x - 20) + (y - 16) * (y - 16) < 300 || (x / 23 + y / 17) % 3 == 0;
      return clamp8((inside ? 200 : 60) + static_cast<int>(random() % 9) + (x ^ y) % 7 - 40 * plane);
    }
    case Scene::kSaturated:
      return (x / 5 + y / 3) % 2 ? 254 + static_cast<int>(random() % 2) : static_cast<int>(random() % 3);
  }
  return 0;
}

void fill(std::vector<std::uint8_t>& plane, std::uint32_t width, Scene scene, int number, std::mt19937& random,
          std::uint32_t seed) {
  for (std::size_t i = 0; i < plane.size(); ++i) {
    plane[i] = static_cast<std::uint8_t>(
        sample_of(scene, static_cast<int>(i % width), static_cast<int>(i / width), number, random, seed));
  }
}

std::string plane_difference(const char* name, const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b,
                             std::uint32_t width) {
  if (a.size() != b.size()) return std::format("plane {} has {} samples against {}", name, a.size(), b.size());
  const auto [at, other] = std::ranges::mismatch(a, b);
  if (at == a.end()) return {};
  const auto i = static_cast<std::size_t>(at - a.begin());
  return std::format("plane {} at {},{}: {} against {}", name, i % width, i / width, *at, *other);
}

}  // namespace

Planes420::Planes420(std::uint32_t its_width, std::uint32_t its_height)
    : width(its_width), height(its_height), y(std::size_t{width} * height) {
  u.resize(std::size_t{(width + 1) / 2} * ((height + 1) / 2));
  v.resize(u.size());
}

vp8::Picture Planes420::picture() const {
  return {width, height, y.data(), u.data(), v.data(), width, (width + 1) / 2};
}

Planes420 make_planes(Scene scene, std::uint32_t width, std::uint32_t height, std::uint32_t seed) {
  std::mt19937 random(seed);
  Planes420 planes(width, height);
  fill(planes.y, width, scene, 0, random, seed);
  fill(planes.u, (width + 1) / 2, scene, 1, random, seed);
  fill(planes.v, (width + 1) / 2, scene, 2, random, seed);
  return planes;
}

std::vector<std::uint8_t> webp_of(ByteView frame) {
  const auto padded = static_cast<std::uint32_t>(frame.size() + frame.size() % 2);
  std::vector<std::uint8_t> file(20 + padded);
  const auto put = [&](std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) file[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  };
  std::memcpy(file.data(), "RIFF", 4);
  put(4, 12 + padded);
  std::memcpy(file.data() + 8, "WEBPVP8 ", 8);
  put(16, static_cast<std::uint32_t>(frame.size()));
  std::ranges::copy(frame, file.begin() + 20);
  return file;
}

Planes420 decoded(ByteView frame) {
  const std::vector<std::uint8_t> file = webp_of(frame);
  int width = 0, height = 0, stride = 0, uv_stride = 0;
  std::uint8_t *u = nullptr, *v = nullptr;
  const std::unique_ptr<std::uint8_t, WebpFree> y(
      WebPDecodeYUV(file.data(), file.size(), &width, &height, &u, &v, &stride, &uv_stride));
  if (!y) return {};
  Planes420 planes(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height));
  const auto copy = [](const std::uint8_t* from, int row_stride, std::uint32_t across, std::vector<std::uint8_t>& to) {
    for (std::size_t row = 0; row * across < to.size(); ++row) {
      std::memcpy(to.data() + row * across, from + row * static_cast<std::size_t>(row_stride), across);
    }
  };
  copy(y.get(), stride, planes.width, planes.y);
  copy(u, uv_stride, (planes.width + 1) / 2, planes.u);
  copy(v, uv_stride, (planes.width + 1) / 2, planes.v);
  return planes;
}

std::string difference(const Planes420& a, const Planes420& b) {
  if (a.width != b.width || a.height != b.height) {
    return std::format("{} x {} against {} x {}", a.width, a.height, b.width, b.height);
  }
  for (const auto& [name, plane, width] :
       {std::tuple{"Y", &Planes420::y, a.width}, std::tuple{"U", &Planes420::u, (a.width + 1) / 2},
        std::tuple{"V", &Planes420::v, (a.width + 1) / 2}}) {
    if (const std::string found = plane_difference(name, a.*plane, b.*plane, width); !found.empty()) return found;
  }
  return {};
}

}  // namespace tintype::test
