#include "codec/ladder.h"

#include <new>
#include <optional>
#include <utility>

#include "codec/jpeg/jpeg_ladder.h"
#include "codec/resize.h"

namespace tintype {

Result<Ladder> decode_ladder(ByteView file, const SourceInfo& info, const DecodeOptions& options,
                             std::span<const PictureSize> sizes) {
  if (info.format == ImageFormat::kJpeg) {
    try {
      TT_ASSIGN(std::optional<Ladder> planar, decode_jpeg_ladder(file, info, options, sizes));
      if (planar) return *std::move(planar);
    } catch (const std::bad_alloc&) {
      return fail(ErrorCode::kOutOfMemory, "not enough memory to decode " + std::to_string(info.width) + " x " +
                                               std::to_string(info.height) + " pixels");
    }
  }
  return decode_rgb_ladder(file, info, options, sizes);
}

Result<Ladder> decode_rgb_ladder(ByteView file, const SourceInfo& info, const DecodeOptions& options,
                                 std::span<const PictureSize> sizes) {
  TT_ASSIGN(Decoded decoded, decode(file, info, options));
  Ladder ladder{
      {}, {decoded.image.width, decoded.image.height}, std::move(decoded.metadata), std::move(decoded.warnings)};
  const Image* larger = &decoded.image;
  // Pictures are read where they lie until the last one is made.
  ladder.pictures.reserve(sizes.size());
  for (const PictureSize& size : sizes) {
    const bool fits = size.width <= larger->width && size.height <= larger->height;
    TT_ASSIGN(Image image, resize(fits ? *larger : decoded.image, size.width, size.height));
    ladder.pictures.emplace_back(std::move(image));
    larger = &std::get<Image>(ladder.pictures.back());
  }
  return ladder;
}

}  // namespace tintype
