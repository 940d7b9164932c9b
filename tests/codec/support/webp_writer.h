// WebPs that codec/encode does not write: lossless and animated.
#pragma once

#include "codec/image.h"
#include "core/base/bytes.h"

namespace tintype::testing {

Bytes write_lossless_webp(const Image& image);
// `frames` times the picture, the first frame as it is and the later ones inverted, lossless.
Bytes write_animated_webp(const Image& image, int frames);
// Chunks added through libwebpmux; empty ones are not.
Bytes with_webp_chunks(ByteView webp, ByteView icc, ByteView exif);

}  // namespace tintype::testing
