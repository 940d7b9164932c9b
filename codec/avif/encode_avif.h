// encode() for AVIF; see codec/encode.h.
#pragma once

#include "codec/encode.h"

namespace tintype {

Result<Bytes> encode_avif(const Image& image, const EncodeOptions& options, ByteView icc, ByteView exif);
Result<Bytes> encode_avif(const Planes& planes, const EncodeOptions& options, ByteView icc, ByteView exif);

// encoder_build() for the encoders that live here.
std::string avif_encoder_build(Encoder encoder);

}  // namespace tintype
