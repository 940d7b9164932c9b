#include "tests/codec/support/gif_writer.h"

#include <gif_lib.h>

namespace tintype::testing {

Bytes write_gif(const Image& image, const GifKind& kind) {
  std::vector<std::uint8_t> file;
  int error = 0;
  GifFileType* gif = EGifOpen(
      &file,
      [](GifFileType* g, const GifByteType* bytes, int count) {
        auto& out = *static_cast<std::vector<std::uint8_t>*>(g->UserData);
        out.insert(out.end(), bytes, bytes + count);
        return count;
      },
      &error);
  EGifSetGifVersion(gif, true);
  GifColorType colours[256] = {};
  for (int i = 0; i < 216; ++i)
    colours[i] = {static_cast<GifByteType>(i / 36 * 51), static_cast<GifByteType>(i / 6 % 6 * 51),
                  static_cast<GifByteType>(i % 6 * 51)};
  ColorMapObject* map = GifMakeMapObject(256, colours);
  const auto or_own = [](std::uint32_t given, std::uint32_t own) { return static_cast<int>(given ? given : own); };
  EGifPutScreenDesc(gif, or_own(kind.screen_width, image.width), or_own(kind.screen_height, image.height), 8, 0, map);
  const auto width = static_cast<int>(image.width), height = static_cast<int>(image.height);
  for (int frame = 0; frame < kind.frames; ++frame) {
    if (kind.transparent || kind.frames > 1) {
      const GraphicsControlBlock control = {DISPOSE_DO_NOT, false, 10, kind.transparent ? 0 : NO_TRANSPARENT_COLOR};
      GifByteType bytes[4];
      EGifGCBToExtension(&control, bytes);
      EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, bytes);
    }
    EGifPutImageDesc(gif, static_cast<int>(kind.left), static_cast<int>(kind.top), width, height, kind.interlaced,
                     nullptr);
    std::vector<std::uint32_t> order;
    const std::uint32_t starts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
    for (int pass = 0; kind.interlaced && pass < 4; ++pass)
      for (std::uint32_t y = starts[pass]; y < image.height; y += steps[pass]) order.push_back(y);
    for (std::uint32_t y = 0; !kind.interlaced && y < image.height; ++y) order.push_back(y);
    for (const std::uint32_t y : order) {
      std::vector<GifPixelType> line;
      for (std::uint32_t x = 0; x < image.width; ++x) {
        const std::uint8_t* p = image.row(y) + std::size_t{x} * image.channels;
        line.push_back(static_cast<GifPixelType>(p[0] / 51 * 36 + p[1] / 51 * 6 + p[2] / 51));
      }
      EGifPutLine(gif, line.data(), width);
    }
  }
  GifFreeMapObject(map);
  EGifCloseFile(gif, &error);
  return Bytes::copy_of(file);
}

}  // namespace tintype::testing
