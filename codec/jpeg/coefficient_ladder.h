// make_ladder: decode_ladder() for a JPEG whose entropy coding is undone already: the CPU's equal of what devices do.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/jpeg/jpeg_coefficients.h"
#include "codec/ladder.h"

namespace tintype {

// `components` and `coefficients` as decode_jpeg_coefficients() gives them, the coefficients and quantisers being
// anything at all; `sizes` and `orientation` as for decode_ladder(), whose pictures these are, sample for sample.
std::vector<Planes> make_ladder(std::span<const JpegComponent> components, ByteView coefficients,
                                std::uint8_t orientation, std::span<const PictureSize> sizes);

}  // namespace tintype
