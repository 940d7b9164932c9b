// What the VP8 encoder takes: a picture's planes, and how to code it.
#pragma once

#include <cstdint>

namespace tintype::vp8 {

// YUV 4:2:0, 8 bits, video range. Chroma has half the sides, rounded up. Borrowed.
struct Picture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  const std::uint8_t* y = nullptr;
  const std::uint8_t* u = nullptr;
  const std::uint8_t* v = nullptr;
  std::uint32_t y_stride_bytes = 0;
  std::uint32_t uv_stride_bytes = 0;

  std::uint32_t chroma_width() const { return (width + 1) / 2; }
  std::uint32_t chroma_height() const { return (height + 1) / 2; }
  std::uint32_t macroblock_columns() const { return (width + 15) / 16; }
  std::uint32_t macroblock_rows() const { return (height + 15) / 16; }
};

inline constexpr std::uint32_t kMostSide = 16383;

enum class Effort { kFastest, kFast, kDefault, kBest };

struct Settings {
  int quality = 75;  // 0 to 100, libwebp's scale
  int quarters = 0;  // 0 to 3: how far it is on the way to the next quality, by some of the segments; nothing with one
  Effort effort = Effort::kDefault;
  int partitions = 2;          // 1, 2, 4 or 8: from 2 on tokens are written faster; fewer where one outgrew the format
  int segments = 4;            // 1 to 4 quantisers, by how much a place hides
  bool simple_filter = false;  // the loop filter for slow decoders
  int filter_strength = 60;    // 0 (no loop filter) to 100
  int filter_sharpness = 0;    // 0 to 7
};

}  // namespace tintype::vp8
