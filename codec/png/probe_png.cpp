#include "codec/png/probe_png.h"

#include <string>

#include "codec/cursor.h"
#include "codec/exif_orientation.h"

namespace tintype {
namespace {

constexpr std::uint32_t kMaxDimension = 0x7FFFFFFF;  // PNG (ISO/IEC 15948), 11.2.2
constexpr std::uint32_t kMaxChunkBytes = 0x7FFFFFFF;

enum ColourType : std::uint8_t { kGray = 0, kRgb = 2, kPalette = 3, kGrayAlpha = 4, kRgba = 6 };

std::unexpected<Error> cut() {
  return fail(ErrorCode::kTruncatedImage, "the PNG ends inside its header; copy it again from its source");
}
std::unexpected<Error> corrupt(const std::string& what) {
  return fail(ErrorCode::kCorruptImage, "the PNG's header is damaged: " + what + "; copy it again from its source");
}

bool is_valid_depth(std::uint8_t colour_type, std::uint8_t bits) {
  switch (colour_type) {
    case kGray:
      return bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
    case kPalette:
      return bits == 1 || bits == 2 || bits == 4 || bits == 8;
    case kRgb:
    case kGrayAlpha:
    case kRgba:
      return bits == 8 || bits == 16;
    default:
      return false;
  }
}

Status read_ihdr(ByteView chunk, SourceInfo& info) {
  Cursor in(chunk);
  info.width = in.u32be();
  info.height = in.u32be();
  info.bits = in.u8();
  const std::uint8_t colour_type = in.u8();
  const std::uint8_t compression = in.u8();
  const std::uint8_t filter = in.u8();
  const std::uint8_t interlace = in.u8();
  if (in.failed() || !in.at_end()) return corrupt("its first chunk has the wrong length");
  if (info.width == 0 || info.height == 0) return corrupt("a side is zero");
  if (info.width > kMaxDimension || info.height > kMaxDimension) return corrupt("a side is past PNG's own limit");
  if (!is_valid_depth(colour_type, info.bits)) return corrupt("its colour type and bit depth do not go together");
  if (compression != 0 || filter != 0 || interlace > 1) return corrupt("it names methods that PNG does not have");
  info.channels = colour_type == kGray || colour_type == kGrayAlpha ? 1 : 3;
  info.has_alpha = colour_type == kGrayAlpha || colour_type == kRgba;
  info.progressive = interlace == 1;
  return {};
}

}  // namespace

bool is_png(ByteView first_bytes) { return starts_with(first_bytes, "\x89PNG\r\n\x1A\n"); }

Result<SourceInfo> probe_png(ByteView file) {
  Cursor in(file);
  in.skip(8);
  SourceInfo info;
  info.format = ImageFormat::kPng;
  bool has_ihdr = false;
  bool has_idat = false;
  // eXIf may stand after the picture, so the walk goes on to the end: one step a chunk.
  for (;;) {
    const std::uint32_t length = in.u32be();
    const std::uint32_t type = in.u32be();
    if (!in.failed() && !has_ihdr) {
      if (type == four_letters("CgBI"))
        return fail(ErrorCode::kUnsupportedImage,
                    "the PNG is in Apple's own variant for apps; save it as an ordinary PNG");
      if (type != four_letters("IHDR")) return corrupt("it does not begin with its header chunk");
    }
    if (type == four_letters("IDAT")) has_idat = true;  // a picture cut inside its data has a whole header
    if (!in.failed() && !has_idat && length > kMaxChunkBytes) return corrupt("it has a chunk of an impossible length");
    const ByteView chunk = in.take(length);
    in.skip(4);
    if (in.failed()) {
      if (has_idat) return info;
      return cut();
    }
    if (type == four_letters("IHDR") && !has_ihdr) {
      TT_TRY(read_ihdr(chunk, info));
      has_ihdr = true;
    } else if (type == four_letters("tRNS")) {
      info.has_alpha = true;
    } else if (type == four_letters("acTL") && !has_idat) {
      const std::uint32_t frames = Cursor(chunk).u32be();
      if (frames > 1) info.frames = frames;
    } else if (type == four_letters("eXIf")) {
      info.orientation = exif_orientation(without_exif_prefix(chunk));
    } else if (type == four_letters("IEND")) {
      if (!has_idat) return corrupt("it has no picture data");
      return info;
    }
  }
}

}  // namespace tintype
