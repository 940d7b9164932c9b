#include "codec/avif/decode_avif.h"

#include <avif/avif.h>

#include <memory>
#include <utility>

#include "codec/avif/box.h"
#include "codec/colour/cicp.h"
#include "codec/colour/profile.h"
#include "codec/damage.h"
#include "codec/exif_orientation.h"
#include "codec/orient.h"

namespace tintype {
namespace {

struct DecoderDeleter {
  void operator()(avifDecoder* decoder) const { avifDecoderDestroy(decoder); }
};
using AvifDecoder = std::unique_ptr<avifDecoder, DecoderDeleter>;

Error error_of(avifResult result, const avifDecoder& decoder) {
  const std::string text =
      std::string("libavif: ") + (decoder.diag.error[0] ? decoder.diag.error : avifResultToString(result));
  switch (result) {
    case AVIF_RESULT_OUT_OF_MEMORY:
      return {ErrorCode::kOutOfMemory, "not enough memory to decode the AVIF (" + text + ")"};
    case AVIF_RESULT_TRUNCATED_DATA:
    case AVIF_RESULT_WAITING_ON_IO:
      return truncated_error("AVIF", text);
    case AVIF_RESULT_UNSUPPORTED_DEPTH:
    case AVIF_RESULT_NOT_IMPLEMENTED:
    case AVIF_RESULT_NO_CODEC_AVAILABLE:
      return {ErrorCode::kUnsupportedImage,
              "the AVIF uses a coding that is not taken (" + text + "); save it as an ordinary AVIF"};
    default:
      return corrupt_error("AVIF", text);
  }
}

Status check(avifResult result, const avifDecoder& decoder) {
  if (result == AVIF_RESULT_OK) return {};
  return fail(error_of(result, decoder));
}

AvifDecoder make_decoder(const SourceInfo& info) {
  AvifDecoder decoder(avifDecoderCreate());
  if (!decoder) return decoder;
  decoder->maxThreads = 1;
  decoder->ignoreXMP = AVIF_TRUE;
  // Many honest files lack `pixi`; sizes and crop boxes have to make sense all the same.
  decoder->strictFlags = AVIF_STRICT_CLAP_VALID | AVIF_STRICT_ALPHA_ISPE_REQUIRED;
  decoder->imageSizeLimit =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(info.pixels(), AVIF_DEFAULT_IMAGE_SIZE_LIMIT));
  decoder->imageDimensionLimit = std::max(info.width, info.height);
  return decoder;
}

// As probe() does: the primary item where there is one, else the first AV1 track.
Status parse(avifDecoder& decoder, ByteView file) {
  TT_TRY(check(avifDecoderSetIOMemory(&decoder, file.data(), file.size()), decoder));
  TT_TRY(check(avifDecoderSetSource(&decoder, AVIF_DECODER_SOURCE_PRIMARY_ITEM), decoder));
  const avifResult as_item = avifDecoderParse(&decoder);
  if (as_item != AVIF_RESULT_NO_CONTENT && as_item != AVIF_RESULT_MISSING_IMAGE_ITEM) return check(as_item, decoder);
  TT_TRY(check(avifDecoderSetSource(&decoder, AVIF_DECODER_SOURCE_TRACKS), decoder));
  return check(avifDecoderParse(&decoder), decoder);
}

Status convert(const avifImage& source, Image& image) {
  avifRGBImage rgb;
  avifRGBImageSetDefaults(&rgb, &source);
  rgb.depth = 8;
  rgb.format = image.channels == 4 ? AVIF_RGB_FORMAT_RGBA : AVIF_RGB_FORMAT_RGB;
  rgb.pixels = image.pixels.data();
  rgb.rowBytes = static_cast<std::uint32_t>(image.stride_bytes);
  rgb.maxThreads = 1;
  if (const avifResult result = avifImageYUVToRGB(&source, &rgb); result != AVIF_RESULT_OK)
    return fail(ErrorCode::kUnsupportedImage, std::string("the AVIF's samples cannot be turned into RGB (libavif: ") +
                                                  avifResultToString(result) + "); save it as an ordinary AVIF");
  return {};
}

}  // namespace

Result<Decoded> decode_avif(ByteView file, const SourceInfo& info, const DecodeOptions& options) {
  const bool is_cut = ends_inside_a_box(file);
  if (is_cut && options.damaged == DamagedPolicy::kRefuse) return fail(truncated_error("AVIF", ""));
  const AvifDecoder decoder = make_decoder(info);
  if (!decoder) return fail(ErrorCode::kOutOfMemory, "not enough memory to decode the AVIF");
  TT_TRY(parse(*decoder, file));
  const avifImage& source = *decoder->image;
  if (source.width != info.width || source.height != info.height) return fail(disagreement_error("AVIF"));

  Decoded decoded;
  Bytes icc = Bytes::copy_of({source.icc.data, source.icc.size});
  if (icc.empty()) {
    TT_ASSIGN(icc, profile_from_cicp(source.colorPrimaries, source.transferCharacteristics));
  }
  TT_TRY(check(avifDecoderNextImage(decoder.get()), *decoder));
  if (source.width != info.width || source.height != info.height) return fail(disagreement_error("AVIF"));
  Image stored = Image::allocate(info.width, info.height, source.alphaPlane != nullptr ? 4 : 3);
  TT_TRY(convert(source, stored));
  if (is_cut)
    TT_TRY(tolerate(truncated_error("AVIF", "behind its first picture"), stored.height, options.damaged, decoded));
  decoded.image = make_upright(std::move(stored), info.orientation);

  if (source.transformFlags & AVIF_TRANSFORM_CLAP)
    decoded.warnings.push_back("the AVIF's crop box is left out; the whole coded picture is used");
  // Orientation is irot's and imir's business in an AVIF: what EXIF says of it does not count.
  std::uint8_t exif_orientation = 1;
  read_exif(without_exif_prefix({source.exif.data, source.exif.size}), decoded.metadata, exif_orientation);
  const PixelOrigin origin = source.yuvFormat == AVIF_PIXEL_FORMAT_YUV400 ? PixelOrigin::kGray : PixelOrigin::kRgb;
  adopt_profile(std::move(icc), origin, options.to_srgb, decoded);
  return decoded;
}

}  // namespace tintype
