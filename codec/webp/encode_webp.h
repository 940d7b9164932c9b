// encode() for WebP; see codec/encode.h.
#pragma once

#include "codec/encode.h"

namespace tintype {

Result<Bytes> encode_webp(const Image& image, const EncodeOptions& options, ByteView icc, ByteView exif);
Result<Bytes> encode_webp(const Planes& planes, const EncodeOptions& options, ByteView icc, ByteView exif);

// encoder_build() for the encoders that live here.
std::string webp_encoder_build(Encoder encoder);

}  // namespace tintype
