#include "codec/avif/encode_avif.h"

#include <avif/avif.h>

#include <memory>
#include <string_view>

#include "codec/avif/avif_settings.h"
#include "kernels/simd/resize_rows.h"

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

Error error_of(avifResult result, const avifEncoder* encoder) {
  const char* detail = encoder && encoder->diag.error[0] ? encoder->diag.error : avifResultToString(result);
  const std::string text = std::string(" (libavif: ") + detail + ")";
  switch (result) {
    case AVIF_RESULT_OUT_OF_MEMORY:
      return {ErrorCode::kOutOfMemory, "not enough memory to encode the AVIF" + text};
    case AVIF_RESULT_NO_CODEC_AVAILABLE:
      return {ErrorCode::kUnsupported, "this libavif is built without the encoder that the recipe names" + text};
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

Status check_request(std::uint32_t width, std::uint32_t height, const EncodeOptions& options) {
  if (options.quality < 0 || options.quality > 100 || options.effort < 0 || options.effort > 10 ||
      options.threads < 1 || options.quarters < 0 || options.quarters > 3)
    return fail(ErrorCode::kInvalidArgument,
                "an AVIF's quality is 0 to 100, quarters of it 0 to 3, its effort 0 to 10 and its threads at least 1");
  if (width > kMaxSide || height > kMaxSide)
    return fail(ErrorCode::kInvalidArgument, "an AVIF's sides are at most 65536 px; lower the long side in the recipe");
  return {};
}

// 4:2:0, full range, in BT.601's matrix: what JPEG stores, what avifenc writes for RGB input, what every decoder has
// its fastest path for, and what libyuv converts to with SIMD (it has nothing for full-range BT.709).
Result<AvifImage> make_image(std::uint32_t width, std::uint32_t height, int depth, ByteView icc, ByteView exif) {
  AvifImage yuv(avifImageCreate(width, height, static_cast<std::uint32_t>(depth), AVIF_PIXEL_FORMAT_YUV420));
  if (!yuv) return fail(error_of(AVIF_RESULT_OUT_OF_MEMORY, nullptr));
  yuv->yuvRange = AVIF_RANGE_FULL;
  yuv->matrixCoefficients = AVIF_MATRIX_COEFFICIENTS_BT601;
  // A profile says which colours these are; code points beside it must not say otherwise.
  yuv->colorPrimaries = icc.empty() ? AVIF_COLOR_PRIMARIES_SRGB : AVIF_COLOR_PRIMARIES_UNSPECIFIED;
  yuv->transferCharacteristics =
      icc.empty() ? AVIF_TRANSFER_CHARACTERISTICS_SRGB : AVIF_TRANSFER_CHARACTERISTICS_UNSPECIFIED;
  if (!icc.empty()) TT_TRY(check(avifImageSetProfileICC(yuv.get(), icc.data(), icc.size())));
  if (!exif.empty()) TT_TRY(check(avifImageSetMetadataExif(yuv.get(), exif.data(), exif.size())));
  return yuv;
}

Status convert_into(avifImage& yuv, const Image& image) {
  avifRGBImage rgb;
  avifRGBImageSetDefaults(&rgb, &yuv);
  rgb.depth = 8;
  rgb.format = image.channels == 4 ? AVIF_RGB_FORMAT_RGBA : AVIF_RGB_FORMAT_RGB;
  rgb.pixels = const_cast<std::uint8_t*>(image.pixels.data());  // only read
  rgb.rowBytes = static_cast<std::uint32_t>(image.stride_bytes);
  rgb.maxThreads = 1;
  return check(avifImageRGBToYUV(&yuv, &rgb));
}

Status copy_into(avifImage& yuv, const Planes& planes) {
  TT_TRY(check(avifImageAllocatePlanes(&yuv, AVIF_PLANES_YUV)));
  for (const int plane : {0, 1, 2}) {
    const std::size_t width = planes.plane_width(plane);
    const std::uint16_t* in = planes.plane(plane).data();
    for (std::uint32_t y = 0; y < planes.plane_height(plane); ++y, in += width) {
      std::uint8_t* row = yuv.yuvPlanes[plane] + std::size_t{yuv.yuvRowBytes[plane]} * y;
      if (yuv.depth == 8)
        simd::code_row(in, width, kFull8, row);
      else
        simd::code_row(in, width, kFull10, reinterpret_cast<std::uint16_t*>(row));
    }
  }
  return {};
}

PictureKind kind_of(const Planes& planes) {
  const std::span<const std::uint16_t> fine = planes.plane(0);
  Bytes luma(fine.size());
  simd::code_row(fine.data(), fine.size(), kFull8, luma.data());
  return kind_of_picture(luma.data(), planes.width(), planes.width(), planes.height());
}

Result<Bytes> encode_image(const avifImage& yuv, const AvifSettings& settings, int threads) {
  const AvifEncoder encoder(avifEncoderCreate());
  if (!encoder) return fail(error_of(AVIF_RESULT_OUT_OF_MEMORY, nullptr));
  encoder->codecChoice = AVIF_CODEC_CHOICE_AOM;
  encoder->maxThreads = threads;
  encoder->speed = settings.speed;
  encoder->quality = settings.quality;
  encoder->qualityAlpha = settings.quality;
  for (const AvifSettings::Option& option : settings.options)
    TT_TRY(check(avifEncoderSetCodecSpecificOption(encoder.get(), option.key, option.value), encoder.get()));
  TT_TRY(check(avifEncoderAddImage(encoder.get(), &yuv, 1, AVIF_ADD_IMAGE_FLAG_SINGLE), encoder.get()));
  RwData output;
  TT_TRY(check(avifEncoderFinish(encoder.get(), &output), encoder.get()));
  return Bytes::copy_of({output.data, output.size});
}

// The version that `list` ("dav1d [dec]:1.5.1, aom [enc/dec]:v3.12.1, ...") gives for a codec.
std::string version_in(std::string_view list, std::string_view codec) {
  const std::size_t name = list.find(std::string(codec) + " [");
  const std::size_t at = name == list.npos ? list.npos : list.find(':', name);
  if (at == list.npos) return "unknown";
  std::string_view version = list.substr(at + 1, list.find(',', at) - at - 1);
  if (version.starts_with('v')) version.remove_prefix(1);
  return std::string(version);
}

}  // namespace

Result<Bytes> encode_avif(const Image& image, const EncodeOptions& options, ByteView icc, ByteView exif) {
  TT_TRY(check_request(image.width, image.height, options));
  TT_ASSIGN(const AvifImage yuv, make_image(image.width, image.height, 8, icc, exif));
  TT_TRY(convert_into(*yuv, image));
  const PictureKind kind = kind_of_picture(yuv->yuvPlanes[0], yuv->yuvRowBytes[0], image.width, image.height);
  return encode_image(*yuv, avif_settings(options, kind, false), options.threads);
}

Result<Bytes> encode_avif(const Planes& planes, const EncodeOptions& options, ByteView icc, ByteView exif) {
  TT_TRY(check_request(planes.width(), planes.height(), options));
  const AvifSettings settings = avif_settings(options, kind_of(planes), true);
  TT_ASSIGN(const AvifImage yuv, make_image(planes.width(), planes.height(), settings.depth, icc, exif));
  TT_TRY(copy_into(*yuv, planes));
  return encode_image(*yuv, settings, options.threads);
}

std::string avif_encoder_build(Encoder) {
  char versions[256];
  avifCodecVersions(versions);
  return "aom " + version_in(versions, "aom") + " (libavif " + avifVersion() + ")";
}

}  // namespace tintype
