// profile: what a file's ICC profile does to its pixels and to the profile that goes on (lcms2).
#pragma once

#include <cstddef>

#include "codec/decode.h"

namespace tintype {

// A larger one is left out: the largest honest profiles (CMYK printing conditions) are near 3 MiB.
inline constexpr std::size_t kMaxProfileBytes = 4u << 20;

// A larger one is applied, not carried: every variant would carry it. RGB spaces take some hundred bytes, a printer's
// or a scanner's tables up to a few MB.
inline constexpr std::size_t kMaxCarriedProfileBytes = 64u << 10;

enum class PixelOrigin : std::uint8_t { kRgb, kGray };  // what the file stored, before it became RGB

// Takes `icc` for the pixels in `decoded.image`. An RGB profile becomes the metadata's; a gray one is applied
// (the pixels become sRGB) and dropped; one that is broken, too large or of another colour space is dropped
// with a warning. With `to_srgb`, and above kMaxCarriedProfileBytes, an RGB profile is applied and dropped too. Empty
// `icc`: nothing happens.
void adopt_profile(Bytes icc, PixelOrigin origin, bool to_srgb, Decoded& decoded);

}  // namespace tintype
