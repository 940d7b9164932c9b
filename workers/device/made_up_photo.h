// Photos for self-tests, as coefficients, from a formula.
#pragma once

#include <cstdint>

#include "codec/jpeg/jpeg_coefficients.h"

namespace tintype {

struct MadeUpPhoto {
  std::uint32_t width = 0;  // of the file; at 1/1
  std::uint32_t height = 0;
  std::uint32_t scaled_size = 8;  // 8, 4, 2 or 1
  bool is_gray = false;
  bool is_hostile = false;  // any coefficients and quantisers at all, instead of a picture with edges and texture
};

// 4:2:0.
JpegCoefficients make_up_photo(const MadeUpPhoto& photo);

}  // namespace tintype
