#include "codec/encode.h"

#include <algorithm>
#include <new>

#include "codec/avif/encode_avif.h"
#include "codec/webp/encode_webp.h"
#include "codec/webp/encode_webp_own.h"

namespace tintype {
namespace {

struct NamedEncoder {
  Encoder encoder;
  ImageFormat format;
  Result<Bytes> (*encode_image)(const Image& image, const EncodeOptions& options, ByteView icc, ByteView exif);
  Result<Bytes> (*encode_planes)(const Planes& planes, const EncodeOptions& options, ByteView icc, ByteView exif);
  std::string (*build)(Encoder encoder);
};

constexpr NamedEncoder kEncoders[] = {
    {Encoder::kLibwebp, ImageFormat::kWebp, encode_webp, encode_webp, webp_encoder_build},
    {Encoder::kTintype, ImageFormat::kWebp, encode_webp_own, encode_webp_own, own_webp_encoder_build},
    {Encoder::kAom, ImageFormat::kAvif, encode_avif, encode_avif, avif_encoder_build},
};

Result<const NamedEncoder*> encoder_for(const EncodeOptions& options, std::uint32_t width, std::uint32_t height) {
  const auto* encoder = std::ranges::find(kEncoders, options.encoder, &NamedEncoder::encoder);
  if (encoder == std::end(kEncoders) || encoder->format != options.format)
    return fail(ErrorCode::kInvalidArgument, std::string(encoder_name(options.encoder)) + " does not write " +
                                                 std::string(format_name(options.format)) +
                                                 "; name an encoder of that format in the recipe");
  if (width == 0 || height == 0) return fail(ErrorCode::kInvalidArgument, "a picture without pixels cannot be encoded");
  return encoder;
}

std::unexpected<Error> no_memory(std::uint32_t width, std::uint32_t height) {
  return fail(ErrorCode::kOutOfMemory,
              "not enough memory to encode " + std::to_string(width) + " x " + std::to_string(height) + " pixels");
}

}  // namespace

Result<Bytes> encode(const Image& image, const EncodeOptions& options, ByteView icc, ByteView exif) {
  TT_ASSIGN(const NamedEncoder* const encoder, encoder_for(options, image.width, image.height));
  try {
    return encoder->encode_image(image, options, icc, exif);
  } catch (const std::bad_alloc&) {
    return no_memory(image.width, image.height);
  }
}

Result<Bytes> encode(const Planes& planes, const EncodeOptions& options, ByteView icc, ByteView exif) {
  TT_ASSIGN(const NamedEncoder* const encoder, encoder_for(options, planes.width(), planes.height()));
  try {
    if (planes.chroma() == Chroma::kFull) return encoder->encode_planes(with_half_chroma(planes), options, icc, exif);
    return encoder->encode_planes(planes, options, icc, exif);
  } catch (const std::bad_alloc&) {
    return no_memory(planes.width(), planes.height());
  }
}

Result<Bytes> encode(const Pixels& pixels, const EncodeOptions& options, ByteView icc, ByteView exif) {
  return std::visit([&](const auto& picture) { return encode(picture, options, icc, exif); }, pixels);
}

std::string encoder_build(Encoder encoder) {
  const auto* entry = std::ranges::find(kEncoders, encoder, &NamedEncoder::encoder);
  return entry == std::end(kEncoders) ? "unknown" : entry->build(encoder);
}

}  // namespace tintype
