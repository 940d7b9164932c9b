// Planes for tests of the VP8 encoder: made by rule, and what libwebp decodes from a frame.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "kernels/vp8/picture.h"

namespace tintype::test {

struct Planes420 {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> y, u, v;  // rows without gaps

  Planes420() = default;
  Planes420(std::uint32_t width, std::uint32_t height);
  vp8::Picture picture() const;
  bool operator==(const Planes420&) const = default;
};

enum class Scene { kFlat, kNoise, kChecker, kGradient, kShapes, kSaturated };
inline constexpr Scene kScenes[] = {Scene::kFlat,     Scene::kNoise,  Scene::kChecker,
                                    Scene::kGradient, Scene::kShapes, Scene::kSaturated};

// The same for the same seed, everywhere.
Planes420 make_planes(Scene scene, std::uint32_t width, std::uint32_t height, std::uint32_t seed);

// The frame as a WebP file.
std::vector<std::uint8_t> webp_of(ByteView frame);

// What libwebp shows of the frame. Empty if it refuses.
Planes420 decoded(ByteView frame);

// Empty if they are equal, else where they first differ.
std::string difference(const Planes420& a, const Planes420& b);

}  // namespace tintype::test
