// PNGs of every kind that libpng writes.
#pragma once

#include <cstdint>
#include <optional>

#include "codec/image.h"
#include "core/base/bytes.h"

namespace tintype::testing {

enum class PngColour : std::uint8_t { kRgb, kRgba, kGray, kGrayAlpha, kPalette };

struct PngKind {
  PngColour colour = PngColour::kRgb;
  int bits = 8;  // 16 for all but palettes; 1, 2, 4 for gray
  bool interlaced = false;
  bool transparent_colour = false;  // tRNS: of the pixel at the top left (gray, RGB), or of palette entry 0
  ByteView exif{};                  // TIFF header first
  ByteView icc{};
  std::optional<double> gamma{};
  std::optional<unsigned> cicp_primaries{}, cicp_transfer{};
};

// `image` has the channels of the colour type (RGB for gray, which takes red; palettes take six levels a
// channel).
Bytes write_png(const Image& image, const PngKind& kind = {});

// A chunk put in before the first chunk of type `before`, with the right checksum.
Bytes with_png_chunk(ByteView png, const char (&type)[5], ByteView data, const char (&before)[5]);

}  // namespace tintype::testing
