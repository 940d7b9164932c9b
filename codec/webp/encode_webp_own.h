// encode() for WebP by our own VP8 encoder (kernels/vp8); see codec/encode.h. Effort 0 is its fastest one, 1 its fast
// one, 2 to 5 its default, 6 its best. Alpha is coded by libwebp, without loss.
#pragma once

#include "codec/encode.h"
#include "kernels/vp8/picture.h"

namespace tintype {

Result<Bytes> encode_webp_own(const Image& image, const EncodeOptions& options, ByteView icc, ByteView exif);
Result<Bytes> encode_webp_own(const Planes& planes, const EncodeOptions& options, ByteView icc, ByteView exif);

// The encoder's settings for these options, as every target takes them. kInvalidArgument: there are none.
Result<vp8::Settings> own_webp_settings(const EncodeOptions& options);

// encoder_build() for the encoder that lives here.
std::string own_webp_encoder_build(Encoder encoder);

}  // namespace tintype
