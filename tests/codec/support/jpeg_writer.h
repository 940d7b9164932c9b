// JPEGs of every kind that libjpeg-turbo writes, and the EXIF and ICC blocks that go in files.
#pragma once

#include <cstdint>

#include "codec/image.h"
#include "core/base/bytes.h"

namespace tintype::testing {

enum class JpegColour : std::uint8_t { kYcc, kRgb, kGray, kCmyk, kYcck };

struct JpegKind {
  JpegColour colour = JpegColour::kYcc;
  int quality = 95;
  int horizontal = 2;  // luma samples a chroma sample: 2 x 2 is 4:2:0
  int vertical = 2;
  bool progressive = false;
  bool arithmetic = false;
  bool one_scan_a_component = false;  // baseline, not interleaved
  int restart_rows = 0;
  ByteView exif{};  // TIFF header first
  ByteView icc{};
};

// `image` is RGB. CMYK gets no black: inverted CMYK is then RGB and 255.
Bytes write_jpeg(const Image& image, const JpegKind& kind = {});

// An EXIF block (TIFF header first) that says nothing but the orientation, in either byte order.
Bytes exif_with_orientation(std::uint16_t orientation, bool big_endian = false);

// sRGB as lcms2 writes it; a wide RGB space (Display P3's primaries, sRGB's curve); gray with gamma 1.0.
Bytes srgb_profile();
Bytes p3_profile();
Bytes linear_gray_profile();

}  // namespace tintype::testing
