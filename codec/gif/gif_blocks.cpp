#include "codec/gif/gif_blocks.h"

#include "codec/cursor.h"

namespace tintype {
namespace {

// Block introducers and fields of GIF89a, sections 18 to 27.
constexpr std::uint8_t kExtension = 0x21;
constexpr std::uint8_t kGraphicControl = 0xF9;
constexpr std::uint8_t kImageDescriptor = 0x2C;
constexpr std::uint8_t kTrailer = 0x3B;

void skip_colour_table(Cursor& in, std::uint8_t packed) {
  if (packed & 0x80) in.skip(std::uint64_t{3} << ((packed & 7) + 1));
}

void skip_sub_blocks(Cursor& in) {
  while (const std::uint8_t length = in.u8()) in.skip(length);
}

}  // namespace

GifBlocks walk_gif(ByteView file) {
  GifBlocks blocks;
  Cursor in(file);
  in.skip(6);
  blocks.width = in.u16le();
  blocks.height = in.u16le();
  const std::uint8_t screen_flags = in.u8();
  in.skip(2);
  skip_colour_table(in, screen_flags);
  bool next_is_transparent = false;
  while (!in.failed()) {
    if (in.at_end()) {
      blocks.end = GifBlocks::End::kNoTrailer;
      return blocks;
    }
    switch (in.u8()) {
      case kExtension: {
        const std::uint8_t label = in.u8();
        if (label == kGraphicControl && in.remaining() >= 2) next_is_transparent = (in.rest()[1] & 1) != 0;
        skip_sub_blocks(in);
        break;
      }
      case kImageDescriptor: {
        const std::uint16_t left = in.u16le();
        const std::uint16_t top = in.u16le();
        const std::uint16_t width = in.u16le();
        const std::uint16_t height = in.u16le();
        const std::uint8_t flags = in.u8();
        if (in.failed()) break;
        if (blocks.frames == 0) {
          const bool covers = left == 0 && top == 0 && width >= blocks.width && height >= blocks.height;
          blocks.first_is_opaque = covers && !next_is_transparent;
        }
        ++blocks.frames;
        next_is_transparent = false;
        skip_colour_table(in, flags);
        in.skip(1);
        skip_sub_blocks(in);
        break;
      }
      case kTrailer:
        return blocks;
      default:
        blocks.end = GifBlocks::End::kGarbage;
        return blocks;
    }
  }
  blocks.end = GifBlocks::End::kCut;
  return blocks;
}

}  // namespace tintype
