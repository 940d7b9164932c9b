#include "codec/encode.h"

#include <algorithm>
#include <new>

#include "codec/avif/encode_avif.h"
#include "codec/webp/encode_webp.h"

namespace tintype {
namespace {

struct NamedEncoder {
  Encoder encoder;
  ImageFormat format;
  Result<Bytes> (*encode)(const Image& image, const EncodeOptions& options, ByteView icc, ByteView exif);
  std::string (*build)(Encoder encoder);
};

constexpr NamedEncoder kEncoders[] = {
    {Encoder::kLibwebp, ImageFormat::kWebp, encode_webp, webp_encoder_build},
    {Encoder::kAom, ImageFormat::kAvif, encode_avif, avif_encoder_build},
    {Encoder::kSvt, ImageFormat::kAvif, encode_avif, avif_encoder_build},
};

}  // namespace

Result<Bytes> encode(const Image& image, const EncodeOptions& options, ByteView icc, ByteView exif) {
  const auto* encoder = std::ranges::find(kEncoders, options.encoder, &NamedEncoder::encoder);
  if (encoder == std::end(kEncoders) || encoder->format != options.format)
    return fail(ErrorCode::kInvalidArgument, std::string(encoder_name(options.encoder)) + " does not write " +
                                                 std::string(format_name(options.format)) +
                                                 "; name an encoder of that format in the recipe");
  if (image.width == 0 || image.height == 0)
    return fail(ErrorCode::kInvalidArgument, "a picture without pixels cannot be encoded");
  try {
    return encoder->encode(image, options, icc, exif);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfMemory, "not enough memory to encode " + std::to_string(image.width) +
                                             " x " + std::to_string(image.height) + " pixels");
  }
}

std::string encoder_build(Encoder encoder) {
  const auto* entry = std::ranges::find(kEncoders, encoder, &NamedEncoder::encoder);
  return entry == std::end(kEncoders) ? "unknown" : entry->build(encoder);
}

}  // namespace tintype
