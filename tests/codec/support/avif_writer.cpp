#include "tests/codec/support/avif_writer.h"

#include <avif/avif.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace tintype::testing {
namespace {

avifPixelFormat format_of(AvifSampling sampling) {
  switch (sampling) {
    case AvifSampling::k444:
      return AVIF_PIXEL_FORMAT_YUV444;
    case AvifSampling::k422:
      return AVIF_PIXEL_FORMAT_YUV422;
    case AvifSampling::k420:
      return AVIF_PIXEL_FORMAT_YUV420;
    case AvifSampling::k400:
      return AVIF_PIXEL_FORMAT_YUV400;
  }
  return AVIF_PIXEL_FORMAT_NONE;
}

void must(avifResult result) {
  if (result == AVIF_RESULT_OK) return;
  std::fprintf(stderr, "libavif: %s\n", avifResultToString(result));
  std::abort();
}

}  // namespace

Bytes write_avif(const Image& image, const AvifKind& kind) {
  avifImage* yuv =
      avifImageCreate(image.width, image.height, static_cast<unsigned>(kind.depth), format_of(kind.sampling));
  yuv->colorPrimaries = static_cast<avifColorPrimaries>(kind.primaries);
  yuv->transferCharacteristics = static_cast<avifTransferCharacteristics>(kind.transfer);
  yuv->matrixCoefficients = AVIF_MATRIX_COEFFICIENTS_BT601;
  if (kind.quarter_turns >= 0) {
    yuv->transformFlags |= AVIF_TRANSFORM_IROT;
    yuv->irot.angle = static_cast<std::uint8_t>(kind.quarter_turns);
  }
  if (kind.mirror >= 0) {
    yuv->transformFlags |= AVIF_TRANSFORM_IMIR;
    yuv->imir.axis = static_cast<std::uint8_t>(kind.mirror);
  }
  avifRGBImage rgb;
  avifRGBImageSetDefaults(&rgb, yuv);
  rgb.depth = 8;
  rgb.format = image.channels == 4 ? AVIF_RGB_FORMAT_RGBA : AVIF_RGB_FORMAT_RGB;
  rgb.pixels = const_cast<std::uint8_t*>(image.pixels.data());
  rgb.rowBytes = static_cast<std::uint32_t>(image.stride_bytes);
  must(avifImageRGBToYUV(yuv, &rgb));
  if (!kind.icc.empty()) must(avifImageSetProfileICC(yuv, kind.icc.data(), kind.icc.size()));
  if (!kind.exif.empty()) must(avifImageSetMetadataExif(yuv, kind.exif.data(), kind.exif.size()));
  avifEncoder* encoder = avifEncoderCreate();
  encoder->quality = encoder->qualityAlpha = kind.quality;
  encoder->speed = 9;
  if (kind.grid_columns > 1) {
    const std::vector<const avifImage*> tiles(static_cast<std::size_t>(kind.grid_columns), yuv);
    must(avifEncoderAddImageGrid(encoder, static_cast<unsigned>(kind.grid_columns), 1, tiles.data(),
                                 AVIF_ADD_IMAGE_FLAG_SINGLE));
  } else {
    const avifAddImageFlags flags = kind.frames > 1 ? AVIF_ADD_IMAGE_FLAG_NONE : AVIF_ADD_IMAGE_FLAG_SINGLE;
    for (int frame = 0; frame < kind.frames; ++frame) must(avifEncoderAddImage(encoder, yuv, 1, flags));
  }
  avifRWData output = AVIF_DATA_EMPTY;
  must(avifEncoderFinish(encoder, &output));
  Bytes file = Bytes::copy_of({output.data, output.size});
  avifRWDataFree(&output);
  avifEncoderDestroy(encoder);
  avifImageDestroy(yuv);
  return file;
}

}  // namespace tintype::testing
