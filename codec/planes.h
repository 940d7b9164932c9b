// Planes: an upright picture as YCbCr 4:2:0, as JPEG and AVIF mean it: BT.601's matrix, full range, each chroma sample
// in the middle of its four pixels. Move-only.
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

class Planes {
 public:
  // Samples are whatever the memory held.
  static Planes allocate(std::uint32_t width, std::uint32_t height);

  std::uint32_t width() const { return width_; }
  std::uint32_t height() const { return height_; }
  std::uint32_t chroma_width() const { return (width_ + 1) / 2; }
  std::uint32_t chroma_height() const { return (height_ + 1) / 2; }
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
  Bytes samples_;
};

// Bytes of a picture's planes.
constexpr std::uint64_t planes_bytes(std::uint32_t width, std::uint32_t height) {
  const std::uint64_t chroma = ((std::uint64_t{width} + 1) / 2) * ((std::uint64_t{height} + 1) / 2);
  return (std::uint64_t{width} * height + 2 * chroma) * sizeof(std::uint16_t);
}

// As a decoder of 4:2:0 would show them: chroma interpolated with weights 9, 3, 3, 1.
Image to_rgb(const Planes& planes);

// A decoded picture, either way.
using Pixels = std::variant<Image, Planes>;
std::uint32_t width_of(const Pixels& pixels);
std::uint32_t height_of(const Pixels& pixels);

}  // namespace tintype
