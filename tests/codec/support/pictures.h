// Pictures made in code, and how far two of them are apart.
#pragma once

#include <cstdint>

#include "codec/image.h"

namespace tintype::testing {

// A smooth, colourful picture without any symmetry, so that a wrong turn or mirror shows. With 4 channels:
// alpha falls from 255 at the left to 0 at the right.
Image make_picture(std::uint32_t width, std::uint32_t height, std::uint32_t channels = 3);
// One colour; `alpha` only with 4 channels.
Image make_plain(std::uint32_t width, std::uint32_t height, std::uint8_t red, std::uint8_t green, std::uint8_t blue);
// Every sample replaced by one of six levels: survives a palette of 216 colours exactly.
Image with_six_levels(const Image& image);
// Gray by BT.601's weights, three equal channels.
Image as_gray(const Image& image);
Image clone(const Image& image);
// Without its alpha.
Image as_rgb(const Image& image);

// What a camera that was held so stores for `upright`: by EXIF's own definition, "the 0th row is the visual
// ...".
Image stored_for(std::uint8_t orientation, const Image& upright);

// Peak signal-to-noise ratio over the colour channels in dB; 99 for equal pictures. Sizes must agree (else
// 0).
double psnr(const Image& a, const Image& b);
// Every sample equal, alpha included.
bool equal(const Image& a, const Image& b);

}  // namespace tintype::testing
