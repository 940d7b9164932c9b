#include "codec/webp/encode_webp.h"

#include <webp/encode.h>
#include <webp/mux.h>

#include <memory>

#include "codec/webp/video_planes.h"

namespace tintype {
namespace {

class Picture {
 public:
  Picture() { is_ready_ = WebPPictureInit(&picture_) != 0; }
  ~Picture() { WebPPictureFree(&picture_); }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;
  bool is_ready() const { return is_ready_; }
  WebPPicture* operator->() { return &picture_; }
  WebPPicture* get() { return &picture_; }

 private:
  WebPPicture picture_;
  bool is_ready_;
};

// Where libwebp's writer puts the file.
class Output {
 public:
  Output() { WebPMemoryWriterInit(&writer_); }
  ~Output() { WebPMemoryWriterClear(&writer_); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  WebPMemoryWriter* get() { return &writer_; }
  ByteView view() const { return {writer_.mem, writer_.size}; }

 private:
  WebPMemoryWriter writer_;
};

struct MuxDeleter {
  void operator()(WebPMux* mux) const { WebPMuxDelete(mux); }
};
using Mux = std::unique_ptr<WebPMux, MuxDeleter>;

Error error_of(WebPEncodingError code) {
  switch (code) {
    case VP8_ENC_ERROR_OUT_OF_MEMORY:
    case VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY:
      return {ErrorCode::kOutOfMemory, "not enough memory to encode the WebP"};
    case VP8_ENC_ERROR_PARTITION0_OVERFLOW:
    case VP8_ENC_ERROR_PARTITION_OVERFLOW:
    case VP8_ENC_ERROR_FILE_TOO_BIG:
      return {ErrorCode::kInvalidArgument,
              "the picture has more detail than a WebP of this size and quality can hold; lower the quality "
              "or the "
              "long side in the recipe"};
    case VP8_ENC_ERROR_BAD_DIMENSION:
      return {ErrorCode::kInvalidArgument, "a WebP's sides are at most 16383 px; lower the long side in the recipe"};
    case VP8_ENC_ERROR_INVALID_CONFIGURATION:
      return {ErrorCode::kInvalidArgument,
              "libwebp refuses this quality or effort; quality is 0 to 100 and effort 0 to 6"};
    default:
      return {ErrorCode::kInternal, "libwebp failed with its code " + std::to_string(code)};
  }
}

std::unexpected<Error> mux_failed(WebPMuxError error) {
  if (error == WEBP_MUX_MEMORY_ERROR) return fail(ErrorCode::kOutOfMemory, "not enough memory to write the WebP");
  return fail(ErrorCode::kInternal, "libwebpmux failed with its code " + std::to_string(error));
}

// The encoded picture with the chunks added that are not empty.
Result<Bytes> add_chunks(ByteView picture, ByteView icc, ByteView exif) {
  const Mux mux(WebPMuxNew());
  if (!mux) return mux_failed(WEBP_MUX_MEMORY_ERROR);
  const WebPData image_data{picture.data(), picture.size()};
  if (const WebPMuxError error = WebPMuxSetImage(mux.get(), &image_data, 0); error != WEBP_MUX_OK)
    return mux_failed(error);
  const struct {
    const char* name;
    ByteView bytes;
  } chunks[] = {{"ICCP", icc}, {"EXIF", exif}};
  for (const auto& chunk : chunks) {
    if (chunk.bytes.empty()) continue;
    const WebPData data{chunk.bytes.data(), chunk.bytes.size()};
    if (const WebPMuxError error = WebPMuxSetChunk(mux.get(), chunk.name, &data, 0); error != WEBP_MUX_OK)
      return mux_failed(error);
  }
  WebPData assembled;
  WebPDataInit(&assembled);
  if (const WebPMuxError error = WebPMuxAssemble(mux.get(), &assembled); error != WEBP_MUX_OK) return mux_failed(error);
  Bytes file = Bytes::copy_of({assembled.bytes, assembled.size});
  WebPDataClear(&assembled);
  return file;
}

// `prepare` gives the picture its pixels.
template <typename Prepare>
Result<Bytes> encode_with(std::uint32_t width, std::uint32_t height, const EncodeOptions& options, ByteView icc,
                          ByteView exif, Prepare prepare) {
  if (width > WEBP_MAX_DIMENSION || height > WEBP_MAX_DIMENSION) return fail(error_of(VP8_ENC_ERROR_BAD_DIMENSION));
  WebPConfig config;
  Picture picture;
  if (!WebPConfigInit(&config) || !picture.is_ready())
    return fail(ErrorCode::kInternal, "libwebp is not the version that Tintype was built against");
  config.quality = static_cast<float>(options.quality) + static_cast<float>(options.quarters) / 4;
  config.method = options.effort;
  config.thread_level = 0;
  if (!WebPValidateConfig(&config)) return fail(error_of(VP8_ENC_ERROR_INVALID_CONFIGURATION));

  picture->width = static_cast<int>(width);
  picture->height = static_cast<int>(height);
  TT_TRY(prepare(*picture.get()));
  Output output;
  picture->writer = WebPMemoryWrite;
  picture->custom_ptr = output.get();
  if (!WebPEncode(&config, picture.get())) return fail(error_of(picture->error_code));
  if (icc.empty() && exif.empty()) return Bytes::copy_of(output.view());
  return add_chunks(output.view(), icc, exif);
}

}  // namespace

Result<Bytes> encode_webp(const Image& image, const EncodeOptions& options, ByteView icc, ByteView exif) {
  return encode_with(image.width, image.height, options, icc, exif, [&](WebPPicture& picture) -> Status {
    const auto stride = static_cast<int>(image.stride_bytes);
    const auto import = image.channels == 4 ? WebPPictureImportRGBA : WebPPictureImportRGB;
    if (!import(&picture, image.pixels.data(), stride)) return fail(error_of(picture.error_code));
    return {};
  });
}

Result<Bytes> encode_webp(const Planes& planes, const EncodeOptions& options, ByteView icc, ByteView exif) {
  Bytes luma = video_samples(planes, 0);
  Bytes cb = video_samples(planes, 1);
  Bytes cr = video_samples(planes, 2);
  return encode_with(planes.width(), planes.height(), options, icc, exif, [&](WebPPicture& picture) -> Status {
    picture.use_argb = 0;
    picture.colorspace = WEBP_YUV420;
    picture.y = luma.data();
    picture.u = cb.data();
    picture.v = cr.data();
    picture.y_stride = static_cast<int>(planes.width());
    picture.uv_stride = static_cast<int>(planes.chroma_width());
    return {};
  });
}

std::string webp_encoder_build(Encoder) {
  const int version = WebPGetEncoderVersion();
  return "libwebp " + std::to_string(version >> 16) + "." + std::to_string(version >> 8 & 0xFF) + "." +
         std::to_string(version & 0xFF);
}

}  // namespace tintype
