#include "codec/avif/encode_avif.h"

#include <avif/avif.h>

#include <memory>
#include <string_view>

namespace tintype {
namespace {

struct EncoderDeleter {
  void operator()(avifEncoder* encoder) const { avifEncoderDestroy(encoder); }
};
struct ImageDeleter {
  void operator()(avifImage* image) const { avifImageDestroy(image); }
};
struct RwData : avifRWData {
  RwData() : avifRWData{nullptr, 0} {}
  ~RwData() { avifRWDataFree(this); }
  RwData(const RwData&) = delete;
  RwData& operator=(const RwData&) = delete;
};
using AvifEncoder = std::unique_ptr<avifEncoder, EncoderDeleter>;
using AvifImage = std::unique_ptr<avifImage, ImageDeleter>;

constexpr std::uint32_t kMaxSide = 65536;  // AV1's own limit
constexpr std::uint32_t kMinSvtSide = 64;  // SVT-AV1 2.3 refuses less, and odd sides

Error error_of(avifResult result, const avifEncoder* encoder) {
  const char* detail = encoder && encoder->diag.error[0] ? encoder->diag.error : avifResultToString(result);
  const std::string text = std::string(" (libavif: ") + detail + ")";
  switch (result) {
    case AVIF_RESULT_OUT_OF_MEMORY:
      return {ErrorCode::kOutOfMemory, "not enough memory to encode the AVIF" + text};
    case AVIF_RESULT_NO_CODEC_AVAILABLE:
      return {ErrorCode::kUnsupported,
              "this libavif is built without the encoder that the recipe names" + text};
    case AVIF_RESULT_INVALID_CODEC_SPECIFIC_OPTION:
    case AVIF_RESULT_INVALID_ARGUMENT:
      return {ErrorCode::kInvalidArgument, "the AVIF encoder refuses an option" + text};
    default:
      return {ErrorCode::kInternal, "the AVIF encoder failed" + text};
  }
}

Status check(avifResult result, const avifEncoder* encoder = nullptr) {
  if (result == AVIF_RESULT_OK) return {};
  return fail(error_of(result, encoder));
}

Status check_request(const Image& image, const EncodeOptions& options) {
  if (options.quality < 0 || options.quality > 100 || options.effort < 0 || options.effort > 10 ||
      options.threads < 1)
    return fail(ErrorCode::kInvalidArgument,
                "an AVIF's quality is 0 to 100, its effort 0 to 10 and its threads at least 1");
  if (image.width > kMaxSide || image.height > kMaxSide)
    return fail(ErrorCode::kInvalidArgument,
                "an AVIF's sides are at most 65536 px; lower the long side in the recipe");
  const bool svt_refuses = image.width < kMinSvtSide || image.height < kMinSvtSide || image.width % 2 != 0 ||
                           image.height % 2 != 0;
  if (options.encoder == Encoder::kSvt && svt_refuses)
    return fail(ErrorCode::kInvalidArgument,
                "SVT-AV1 takes even sides of at least 64 px only; use the encoder \"aom\" for this picture");
  return {};
}

// 4:2:0, 8 bits, full range, in BT.601's matrix: what avifenc writes for RGB input, what every decoder has
// its fastest path for, and what libyuv converts to with SIMD (it has nothing for full-range BT.709).
Result<AvifImage> to_yuv(const Image& image, ByteView icc, ByteView exif) {
  AvifImage yuv(avifImageCreate(image.width, image.height, 8, AVIF_PIXEL_FORMAT_YUV420));
  if (!yuv) return fail(error_of(AVIF_RESULT_OUT_OF_MEMORY, nullptr));
  yuv->yuvRange = AVIF_RANGE_FULL;
  yuv->matrixCoefficients = AVIF_MATRIX_COEFFICIENTS_BT601;
  // A profile says which colours these are; code points beside it must not say otherwise.
  yuv->colorPrimaries = icc.empty() ? AVIF_COLOR_PRIMARIES_SRGB : AVIF_COLOR_PRIMARIES_UNSPECIFIED;
  yuv->transferCharacteristics =
      icc.empty() ? AVIF_TRANSFER_CHARACTERISTICS_SRGB : AVIF_TRANSFER_CHARACTERISTICS_UNSPECIFIED;
  if (!icc.empty()) TT_TRY(check(avifImageSetProfileICC(yuv.get(), icc.data(), icc.size())));
  if (!exif.empty()) TT_TRY(check(avifImageSetMetadataExif(yuv.get(), exif.data(), exif.size())));

  avifRGBImage rgb;
  avifRGBImageSetDefaults(&rgb, yuv.get());
  rgb.depth = 8;
  rgb.format = image.channels == 4 ? AVIF_RGB_FORMAT_RGBA : AVIF_RGB_FORMAT_RGB;
  rgb.pixels = const_cast<std::uint8_t*>(image.pixels.data());  // only read
  rgb.rowBytes = static_cast<std::uint32_t>(image.stride_bytes);
  rgb.maxThreads = 1;
  TT_TRY(check(avifImageRGBToYUV(yuv.get(), &rgb)));
  return yuv;
}

// The version that `list` ("dav1d [dec]:1.5.1, aom [enc/dec]:v3.12.1, ...") gives for a codec.
std::string version_in(std::string_view list, std::string_view codec) {
  std::size_t at = list.find(std::string(codec) + " [");
  if (at == list.npos || (at = list.find(':', at)) == list.npos) return "unknown";
  std::string_view version = list.substr(at + 1, list.find(',', at) - at - 1);
  if (version.starts_with('v')) version.remove_prefix(1);
  return std::string(version);
}

}  // namespace

Result<Bytes> encode_avif(const Image& image, const EncodeOptions& options, ByteView icc, ByteView exif) {
  TT_TRY(check_request(image, options));
  TT_ASSIGN(const AvifImage yuv, to_yuv(image, icc, exif));
  const AvifEncoder encoder(avifEncoderCreate());
  if (!encoder) return fail(error_of(AVIF_RESULT_OUT_OF_MEMORY, nullptr));
  const bool is_aom = options.encoder == Encoder::kAom;
  encoder->codecChoice = is_aom ? AVIF_CODEC_CHOICE_AOM : AVIF_CODEC_CHOICE_SVT;
  encoder->maxThreads = options.threads;
  encoder->speed = 10 - options.effort;
  encoder->quality = options.quality;
  encoder->qualityAlpha = options.quality;
  // libaom's tuning for still pictures: fewer bytes at equal quality than its default at every speed.
  if (is_aom) TT_TRY(check(avifEncoderSetCodecSpecificOption(encoder.get(), "tune", "iq"), encoder.get()));
  TT_TRY(check(avifEncoderAddImage(encoder.get(), yuv.get(), 1, AVIF_ADD_IMAGE_FLAG_SINGLE), encoder.get()));
  RwData output;
  TT_TRY(check(avifEncoderFinish(encoder.get(), &output), encoder.get()));
  return Bytes::copy_of({output.data, output.size});
}

std::string avif_encoder_build(Encoder encoder) {
  char versions[256];
  avifCodecVersions(versions);
  const std::string_view codec = encoder == Encoder::kSvt ? "svt" : "aom";
  return std::string(codec) + " " + version_in(versions, codec) + " (libavif " + avifVersion() + ")";
}

}  // namespace tintype
