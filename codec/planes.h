// Planes: an upright picture as YCbCr, as JPEG and AVIF mean it: BT.601's matrix, full range. Chroma is 4:2:0, each
// sample in the middle of its four pixels, or 4:4:4. Move-only.
//
// Samples are 8-bit values times 64 (0..16320), so that a file's own numbers, which may be of another range or depth,
// are rounded once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "codec/image.h"
#include "core/base/bytes.h"

namespace tintype {

enum class Chroma : std::uint8_t {
  kHalf,  // 4:2:0, which is what files hold
  kFull,  // 4:4:4, which is what a file is measured against
};

class Planes {
 public:
  // Samples are whatever the memory held.
  static Planes allocate(std::uint32_t width, std::uint32_t height, Chroma chroma = Chroma::kHalf);

  std::uint32_t width() const { return width_; }
  std::uint32_t height() const { return height_; }
  Chroma chroma() const { return chroma_; }
  std::uint32_t chroma_width() const { return chroma_ == Chroma::kFull ? width_ : (width_ + 1) / 2; }
  std::uint32_t chroma_height() const { return chroma_ == Chroma::kFull ? height_ : (height_ + 1) / 2; }
  // Of plane 0 (luma), 1 (Cb) or 2 (Cr).
  std::uint32_t plane_width(int plane) const { return plane == 0 ? width_ : chroma_width(); }
  std::uint32_t plane_height(int plane) const { return plane == 0 ? height_ : chroma_height(); }

  // A plane's rows follow each other without gaps.
  std::span<std::uint16_t> plane(int plane);
  std::span<const std::uint16_t> plane(int plane) const;

  // The three planes after each other: what goes through shared memory.
  ByteView view() const { return samples_.view(); }
  std::span<std::uint8_t> mutable_view() { return samples_.mutable_view(); }

 private:
  std::size_t offset_of(int plane) const;

  std::uint32_t width_ = 0;
  std::uint32_t height_ = 0;
  Chroma chroma_ = Chroma::kHalf;
  Bytes samples_;
};

// Bytes of a picture's planes.
constexpr std::uint64_t planes_bytes(std::uint32_t width, std::uint32_t height, Chroma chroma = Chroma::kHalf) {
  const std::uint64_t pixels = std::uint64_t{width} * height;
  const std::uint64_t half = ((std::uint64_t{width} + 1) / 2) * ((std::uint64_t{height} + 1) / 2);
  return (pixels + 2 * (chroma == Chroma::kFull ? pixels : half)) * sizeof(std::uint16_t);
}

// As a decoder would show them: chroma of 4:2:0 interpolated with weights 9, 3, 3, 1.
Image to_rgb(const Planes& planes);

// 4:4:4 as 4:2:0: each sample the mean of its pixels, rounded (of two or one where a side is odd).
Planes with_half_chroma(const Planes& planes);

// A decoded picture, either way.
using Pixels = std::variant<Image, Planes>;
std::uint32_t width_of(const Pixels& pixels);
std::uint32_t height_of(const Pixels& pixels);

}  // namespace tintype
