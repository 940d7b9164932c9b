#include "tests/codec/support/webp_writer.h"

#include <webp/encode.h>
#include <webp/mux.h>

#include "tests/codec/support/pictures.h"

namespace tintype::testing {
namespace {

Bytes take(WebPData& data) {
  Bytes bytes = Bytes::copy_of({data.bytes, data.size});
  WebPDataClear(&data);
  return bytes;
}

}  // namespace

Bytes write_lossless_webp(const Image& image) {
  std::uint8_t* out = nullptr;
  const auto width = static_cast<int>(image.width), height = static_cast<int>(image.height);
  const auto stride = static_cast<int>(image.stride_bytes);
  const std::size_t size = image.channels == 4
                               ? WebPEncodeLosslessRGBA(image.pixels.data(), width, height, stride, &out)
                               : WebPEncodeLosslessRGB(image.pixels.data(), width, height, stride, &out);
  Bytes file = Bytes::copy_of({out, size});
  WebPFree(out);
  return file;
}

Bytes write_animated_webp(const Image& image, int frames) {
  WebPAnimEncoderOptions options;
  WebPAnimEncoderOptionsInit(&options);
  const auto width = static_cast<int>(image.width), height = static_cast<int>(image.height);
  WebPAnimEncoder* encoder = WebPAnimEncoderNew(width, height, &options);
  WebPConfig config;
  WebPConfigInit(&config);
  config.lossless = 1;
  for (int frame = 0; frame < frames; ++frame) {
    Image pixels = clone(image);
    if (frame > 0)
      for (std::size_t i = 0; i < pixels.pixels.size(); ++i)
        pixels.pixels.data()[i] = static_cast<std::uint8_t>(pixels.pixels.data()[i] ^ (0x55 + frame));
    WebPPicture picture;
    WebPPictureInit(&picture);
    picture.use_argb = 1;
    picture.width = width;
    picture.height = height;
    WebPPictureImportRGB(&picture, pixels.pixels.data(), static_cast<int>(pixels.stride_bytes));
    WebPAnimEncoderAdd(encoder, &picture, frame * 100, &config);
    WebPPictureFree(&picture);
  }
  WebPAnimEncoderAdd(encoder, nullptr, frames * 100, nullptr);
  WebPData data;
  WebPDataInit(&data);
  WebPAnimEncoderAssemble(encoder, &data);
  WebPAnimEncoderDelete(encoder);
  return take(data);
}

Bytes with_webp_chunks(ByteView webp, ByteView icc, ByteView exif) {
  const WebPData input{webp.data(), webp.size()};
  WebPMux* mux = WebPMuxCreate(&input, 0);
  const WebPData icc_data{icc.data(), icc.size()}, exif_data{exif.data(), exif.size()};
  if (!icc.empty()) WebPMuxSetChunk(mux, "ICCP", &icc_data, 0);
  if (!exif.empty()) WebPMuxSetChunk(mux, "EXIF", &exif_data, 0);
  WebPData data;
  WebPDataInit(&data);
  WebPMuxAssemble(mux, &data);
  WebPMuxDelete(mux);
  return take(data);
}

}  // namespace tintype::testing
