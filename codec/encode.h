// encode: pixels to a file of a format. One thread. Pure but for time.
#pragma once

#include <cstdint>
#include <string>

#include "codec/image.h"
#include "codec/planes.h"
#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/job/recipe.h"
#include "core/job/source_info.h"

namespace tintype {

struct EncodeOptions {
  ImageFormat format = ImageFormat::kWebp;
  Encoder encoder = Encoder::kTintype;
  int quality = 75;
  int effort = 4;
  int threads = 1;   // AVIF's bytes depend on it
  int quarters = 0;  // 0 to 3: of the way to the next quality, as far as the encoder has something between
};

// `icc` and `exif` are embedded as they are; empty: none. kOutOfMemory, kInvalidArgument (a size or option
// that the encoder refuses), kInternal.
Result<Bytes> encode(const Image& image, const EncodeOptions& options, ByteView icc, ByteView exif);
// From planes: nothing is converted but the samples' range and depth, and full chroma to 4:2:0.
Result<Bytes> encode(const Planes& planes, const EncodeOptions& options, ByteView icc, ByteView exif);
Result<Bytes> encode(const Pixels& pixels, const EncodeOptions& options, ByteView icc, ByteView exif);

// "tintype vp8 2", "libwebp 1.5.0", "aom 3.12.1 (libavif 1.2.1)": kept with every file.
std::string encoder_build(Encoder encoder);

}  // namespace tintype
