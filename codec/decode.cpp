#include "codec/decode.h"

#include <algorithm>
#include <new>

#include "codec/avif/decode_avif.h"
#include "codec/gif/decode_gif.h"
#include "codec/jpeg/decode_jpeg.h"
#include "codec/png/decode_png.h"
#include "codec/webp/decode_webp.h"

namespace tintype {
namespace {

struct FormatDecoder {
  ImageFormat format;
  Result<Decoded> (*decode)(ByteView file, const SourceInfo& info, const DecodeOptions& options);
};

constexpr FormatDecoder kDecoders[] = {
    {ImageFormat::kJpeg, decode_jpeg}, {ImageFormat::kPng, decode_png}, {ImageFormat::kWebp, decode_webp},
    {ImageFormat::kAvif, decode_avif}, {ImageFormat::kGif, decode_gif},
};

}  // namespace

Result<Decoded> decode(ByteView file, const SourceInfo& info, const DecodeOptions& options) {
  const auto* decoder = std::ranges::find(kDecoders, info.format, &FormatDecoder::format);
  if (decoder == std::end(kDecoders))
    return fail(ErrorCode::kUnsupported, "there is no decoder for " + std::string(format_name(info.format)));
  try {
    TT_ASSIGN(Decoded decoded, decoder->decode(file, info, options));
    if (info.frames > 1)
      decoded.warnings.push_back("it is animated with " + std::to_string(info.frames) +
                                 " frames; only the first is used");
    return decoded;
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfMemory, "not enough memory to decode " + std::to_string(info.width) + " x " +
                                             std::to_string(info.height) + " pixels");
  }
}

}  // namespace tintype
