#include "codec/gif/decode_gif.h"

#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "codec/cursor.h"
#include "codec/damage.h"
#include "codec/gif/gif_blocks.h"

namespace tintype {
namespace {

struct GifDeleter {
  void operator()(GifFileType* gif) const {
    int error = 0;
    DGifCloseFile(gif, &error);
  }
};
using Gif = std::unique_ptr<GifFileType, GifDeleter>;

Error error_of(int code) {
  const char* text = GifErrorString(code);
  const std::string detail = std::string("giflib: ") + (text ? text : "unknown error");
  switch (code) {
    case D_GIF_ERR_NOT_ENOUGH_MEM:
      return {ErrorCode::kOutOfMemory, "not enough memory to decode the GIF"};
    case D_GIF_ERR_READ_FAILED:
    case D_GIF_ERR_EOF_TOO_SOON:
      return truncated_error("GIF", detail);
    default:
      return corrupt_error("GIF", detail);
  }
}

int read_from_cursor(GifFileType* gif, GifByteType* to, int count) {
  Cursor& in = *static_cast<Cursor*>(gif->UserData);
  const ByteView bytes = in.take(std::min<std::uint64_t>(in.remaining(), static_cast<std::uint64_t>(count)));
  std::memcpy(to, bytes.data(), bytes.size());
  return static_cast<int>(bytes.size());
}

// Goes on to the first picture; gives the transparent colour that stands before it, -1 if none.
Result<int> find_first_picture(GifFileType& gif) {
  int transparent = NO_TRANSPARENT_COLOR;
  for (;;) {
    GifRecordType record = UNDEFINED_RECORD_TYPE;
    if (DGifGetRecordType(&gif, &record) == GIF_ERROR) return fail(error_of(gif.Error));
    if (record == IMAGE_DESC_RECORD_TYPE) break;
    if (record != EXTENSION_RECORD_TYPE) return fail(corrupt_error("GIF", "there is no picture in it"));
    int label = 0;
    GifByteType* block = nullptr;  // its length, then its bytes
    if (DGifGetExtension(&gif, &label, &block) == GIF_ERROR) return fail(error_of(gif.Error));
    while (block != nullptr) {
      GraphicsControlBlock control;
      if (label == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
        transparent = control.TransparentColor;
      if (DGifGetExtensionNext(&gif, &block) == GIF_ERROR) return fail(error_of(gif.Error));
    }
  }
  if (DGifGetImageDesc(&gif) == GIF_ERROR) return fail(error_of(gif.Error));
  return transparent;
}

// Colour indices of one stored line onto the canvas, clipped to it.
void paint(const std::vector<GifPixelType>& line, std::uint32_t left, const ColorMapObject& colours, int transparent,
           std::uint32_t y, Image& canvas) {
  if (y >= canvas.height || left >= canvas.width) return;
  const std::size_t count = std::min<std::size_t>(line.size(), canvas.width - left);
  std::uint8_t* pixel = canvas.row(y) + std::size_t{left} * canvas.channels;
  for (std::size_t x = 0; x < count; ++x, pixel += canvas.channels) {
    const int index = line[x];
    if (index == transparent) continue;
    const GifColorType colour = index < colours.ColorCount ? colours.Colors[index] : GifColorType{0, 0, 0};
    pixel[0] = colour.Red;
    pixel[1] = colour.Green;
    pixel[2] = colour.Blue;
    if (canvas.channels == 4) pixel[3] = 0xFF;
  }
}

// The lines of an interlaced picture come in four passes (GIF89a, appendix E).
struct Pass {
  std::uint32_t first, step;
};
constexpr Pass kInterlaced[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
constexpr Pass kPlain[] = {{0, 1}};

Status read_lines(GifFileType& gif, const ColorMapObject& colours, int transparent, Image& canvas,
                  std::uint32_t& lines_read) {
  const GifImageDesc& frame = gif.Image;
  std::vector<GifPixelType> line(static_cast<std::size_t>(frame.Width));
  const auto height = static_cast<std::uint32_t>(frame.Height);
  const auto passes = frame.Interlace ? std::span<const Pass>(kInterlaced) : std::span<const Pass>(kPlain);
  for (const Pass& pass : passes) {
    for (std::uint32_t y = pass.first; y < height; y += pass.step) {
      if (DGifGetLine(&gif, line.data(), frame.Width) == GIF_ERROR) return fail(error_of(gif.Error));
      paint(line, static_cast<std::uint32_t>(frame.Left), colours, transparent,
            static_cast<std::uint32_t>(frame.Top) + y, canvas);
      ++lines_read;
    }
  }
  return {};
}

}  // namespace

Result<Decoded> decode_gif(ByteView file, const SourceInfo& info, const DecodeOptions& options) {
  Cursor in(file);
  int open_error = 0;
  const Gif gif(DGifOpen(&in, read_from_cursor, &open_error));
  if (!gif) return fail(error_of(open_error));
  if (static_cast<std::uint32_t>(gif->SWidth) != info.width || static_cast<std::uint32_t>(gif->SHeight) != info.height)
    return fail(disagreement_error("GIF"));
  TT_ASSIGN(const int transparent, find_first_picture(*gif));
  const ColorMapObject* colours = gif->Image.ColorMap ? gif->Image.ColorMap : gif->SColorMap;
  if (colours == nullptr) return fail(corrupt_error("GIF", "it has no colour table"));
  if (gif->Image.Width <= 0 || gif->Image.Height <= 0) return fail(corrupt_error("GIF", "a frame's side is zero"));

  Decoded decoded;
  decoded.image = Image::allocate(info.width, info.height, info.has_alpha ? 4 : 3);
  if (info.has_alpha)
    std::memset(decoded.image.pixels.data(), 0, decoded.image.pixels.size());
  else
    fill_missing_rows(decoded.image, 0);
  std::uint32_t lines_read = 0;
  const Status read = read_lines(*gif, *colours, transparent, decoded.image, lines_read);
  if (!read) TT_TRY(tolerate(read.error(), lines_read, options.damaged, decoded));

  const GifBlocks::End end = walk_gif(file).end;
  if (read && end == GifBlocks::End::kCut)
    TT_TRY(tolerate(truncated_error("GIF", "after its first frame"), lines_read, options.damaged, decoded));
  if (end == GifBlocks::End::kNoTrailer)
    decoded.warnings.push_back("the GIF's end marker is missing; the picture is whole");
  if (end == GifBlocks::End::kGarbage)
    decoded.warnings.push_back("the GIF's data after its first frame are unreadable; that frame is whole");
  return decoded;
}

}  // namespace tintype
