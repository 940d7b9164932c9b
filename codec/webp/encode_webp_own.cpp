#include "codec/webp/encode_webp_own.h"

#include <webp/encode.h>

#include <algorithm>
#include <memory>

#include "codec/webp/video_planes.h"
#include "codec/webp/webp_container.h"
#include "kernels/simd/vp8_encoder.h"

namespace tintype {
namespace {

// Raised with every change that makes other bytes.
constexpr int kVersion = 2;

struct PictureFree {
  void operator()(WebPPicture* picture) const { WebPPictureFree(picture); }
};
struct WriterClear {
  void operator()(WebPMemoryWriter* writer) const { WebPMemoryWriterClear(writer); }
};

std::unexpected<Error> libwebp_failed(const WebPPicture& picture, const char* what) {
  if (picture.error_code == VP8_ENC_ERROR_OUT_OF_MEMORY)
    return fail(ErrorCode::kOutOfMemory, "not enough memory to encode the WebP");
  return fail(ErrorCode::kInternal,
              std::string("libwebp could not ") + what + "; its code is " + std::to_string(picture.error_code));
}

// The ALPH chunk of the picture's alpha: libwebp writes a file with it, whose colour is black.
Result<Bytes> code_alpha(WebPPicture& picture) {
  WebPPicture black;
  WebPConfig config;
  if (!WebPPictureCopy(&picture, &black)) return libwebp_failed(picture, "copy a picture");
  const std::unique_ptr<WebPPicture, PictureFree> owner(&black);
  const auto chroma_height = static_cast<std::size_t>((black.height + 1) / 2);
  std::fill_n(black.y, static_cast<std::size_t>(black.y_stride) * static_cast<std::size_t>(black.height),
              std::uint8_t{16});
  std::fill_n(black.u, static_cast<std::size_t>(black.uv_stride) * chroma_height, std::uint8_t{128});
  std::fill_n(black.v, static_cast<std::size_t>(black.uv_stride) * chroma_height, std::uint8_t{128});
  if (!WebPConfigInit(&config)) return libwebp_failed(picture, "start");
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  const std::unique_ptr<WebPMemoryWriter, WriterClear> written(&writer);
  black.writer = WebPMemoryWrite;
  black.custom_ptr = &writer;
  if (!WebPEncode(&config, &black)) return libwebp_failed(black, "code the alpha");
  return Bytes::copy_of(find_webp_chunk({writer.mem, writer.size}, "ALPH"));
}

}  // namespace

Result<vp8::Settings> own_webp_settings(const EncodeOptions& options) {
  if (options.effort < 0 || options.effort > 6) return fail(ErrorCode::kInvalidArgument, "a WebP's effort is 0 to 6");
  vp8::Settings settings;
  settings.quality = options.quality;
  settings.quarters = options.quarters;
  settings.effort = options.effort <= 0   ? vp8::Effort::kFastest
                    : options.effort <= 1 ? vp8::Effort::kFast
                    : options.effort <= 5 ? vp8::Effort::kDefault
                                          : vp8::Effort::kBest;
  return settings;
}

Result<Bytes> encode_webp_own(const Image& image, const EncodeOptions& options, ByteView icc, ByteView exif) {
  TT_ASSIGN(const vp8::Settings settings, own_webp_settings(options));
  WebPPicture picture;
  if (!WebPPictureInit(&picture))
    return fail(ErrorCode::kInternal, "libwebp is not the version that Tintype was built against");
  const std::unique_ptr<WebPPicture, PictureFree> owner(&picture);
  if (image.width > vp8::kMostSide || image.height > vp8::kMostSide) {
    return fail(ErrorCode::kInvalidArgument, "a WebP's sides are at most 16383 px; lower the long side in the recipe");
  }
  picture.width = static_cast<int>(image.width);
  picture.height = static_cast<int>(image.height);
  const auto import = image.channels == 4 ? WebPPictureImportRGBA : WebPPictureImportRGB;
  if (!import(&picture, image.pixels.data(), static_cast<int>(image.stride_bytes)))
    return libwebp_failed(picture, "import the pixels");

  Bytes alpha;
  if (WebPPictureHasTransparency(&picture)) {
    // What cannot be seen is made cheap to code.
    WebPCleanupTransparentArea(&picture);
    TT_ASSIGN(alpha, code_alpha(picture));
  }
  const vp8::Picture planes{image.width,
                            image.height,
                            picture.y,
                            picture.u,
                            picture.v,
                            static_cast<std::uint32_t>(picture.y_stride),
                            static_cast<std::uint32_t>(picture.uv_stride)};
  TT_ASSIGN(const Bytes frame, simd::encode_vp8(planes, settings));
  return write_webp({image.width, image.height, frame, alpha, icc, exif, {}});
}

Result<Bytes> encode_webp_own(const Planes& planes, const EncodeOptions& options, ByteView icc, ByteView exif) {
  TT_ASSIGN(const vp8::Settings settings, own_webp_settings(options));
  const Bytes luma = video_samples(planes, 0), cb = video_samples(planes, 1), cr = video_samples(planes, 2);
  const vp8::Picture picture{planes.width(), planes.height(), luma.data(),          cb.data(),
                             cr.data(),      planes.width(),  planes.chroma_width()};
  TT_ASSIGN(const Bytes frame, simd::encode_vp8(picture, settings));
  return write_webp({planes.width(), planes.height(), frame, {}, icc, exif, {}});
}

std::string own_webp_encoder_build(Encoder) { return "tintype vp8 " + std::to_string(kVersion); }

}  // namespace tintype
