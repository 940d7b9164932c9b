// What a header says about a picture, before any of it is decoded.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.h"

namespace tintype {

enum class ImageFormat : std::uint8_t { kJpeg, kPng, kWebp, kAvif, kGif };

std::string_view format_name(ImageFormat format);       // "jpeg", "png", "webp", "avif", "gif"
std::string_view format_extension(ImageFormat format);  // "jpg", "png", "webp", "avif", "gif"
std::string_view format_mime(ImageFormat format);       // "image/jpeg", ...
Result<ImageFormat> parse_format(std::string_view name);

struct SourceInfo {
  ImageFormat format = ImageFormat::kJpeg;
  std::uint32_t width = 0;  // as stored, before orientation
  std::uint32_t height = 0;
  std::uint8_t orientation = 1;  // EXIF's 1..8; anything else in the file reads as 1
  std::uint8_t channels = 3;     // 1, 3 or 4 colour components, alpha not counted
  std::uint8_t bits = 8;         // a sample
  bool has_alpha = false;
  bool progressive = false;
  std::uint32_t frames = 1;  // more than 1: animated; only the first is used
  std::uint64_t bytes = 0;   // of the file
  // Sum of the 64 steps of a JPEG's quantisation table 0: how much detail its bytes stand for. All ones for other
  // formats.
  std::uint32_t quantizer_sum = 64;

  bool swaps_sides() const { return orientation >= 5; }
  std::uint32_t upright_width() const { return swaps_sides() ? height : width; }
  std::uint32_t upright_height() const { return swaps_sides() ? width : height; }
  std::uint64_t pixels() const { return std::uint64_t{width} * height; }
  double megapixels() const { return static_cast<double>(pixels()) / 1e6; }
};

}  // namespace tintype
