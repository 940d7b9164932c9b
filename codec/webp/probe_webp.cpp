#include "codec/webp/probe_webp.h"

#include <string>

#include "codec/cursor.h"
#include "codec/exif_orientation.h"

namespace tintype {
namespace {

// Flags of a VP8X chunk (RFC 9649, 2.7).
constexpr std::uint8_t kHasAlpha = 0x10;
constexpr std::uint8_t kHasAnimation = 0x02;

std::unexpected<Error> cut() {
  return fail(ErrorCode::kTruncatedImage, "the WebP ends inside its header; copy it again from its source");
}
std::unexpected<Error> corrupt(const std::string& what) {
  return fail(ErrorCode::kCorruptImage, "the WebP's header is damaged: " + what + "; copy it again from its source");
}

// The first bytes of a lossy frame (RFC 6386, 9.1).
Status read_vp8(ByteView data, bool is_cut, SourceInfo& info) {
  Cursor in(data);
  const std::uint32_t frame_tag = in.u24le();
  const std::uint32_t start_code = in.u24le();
  info.width = in.u16le() & 0x3FFF;
  info.height = in.u16le() & 0x3FFF;
  if (in.failed()) return cut();
  const bool is_key_frame = (frame_tag & 1) == 0;
  if (!is_key_frame || start_code != 0x2A019D) {
    if (is_cut) return cut();
    return corrupt("its lossy data do not begin as a picture does");
  }
  if (info.width == 0 || info.height == 0) return corrupt("a side is zero");
  return {};
}

// The first bytes of a lossless picture (RFC 9649, 3.4).
Status read_vp8l(ByteView data, bool is_cut, SourceInfo& info) {
  Cursor in(data);
  const std::uint8_t signature = in.u8();
  const std::uint32_t bits = in.u32le();
  if (in.failed()) return cut();
  if (signature != 0x2F || bits >> 29 != 0) {
    if (is_cut) return cut();
    return corrupt("its lossless data do not begin as a picture does");
  }
  info.width = (bits & 0x3FFF) + 1;
  info.height = (bits >> 14 & 0x3FFF) + 1;
  info.has_alpha = (bits >> 28 & 1) != 0;
  return {};
}

Status read_vp8x(ByteView data, SourceInfo& info, bool& animated) {
  Cursor in(data);
  const std::uint8_t flags = in.u8();
  in.skip(3);
  info.width = in.u24le() + 1;
  info.height = in.u24le() + 1;
  if (in.failed()) return cut();
  info.has_alpha = (flags & kHasAlpha) != 0;
  animated = (flags & kHasAnimation) != 0;
  return {};
}

}  // namespace

bool is_webp(ByteView first_bytes) {
  return starts_with(first_bytes, "RIFF") && first_bytes.size() >= 12 && starts_with(first_bytes.subspan(8), "WEBP");
}

Result<SourceInfo> probe_webp(ByteView file) {
  Cursor in(file);
  in.skip(12);
  SourceInfo info;
  info.format = ImageFormat::kWebp;
  bool has_canvas = false;
  bool has_picture = false;
  bool animated = false;
  std::uint32_t frames = 0;
  while (!in.at_end()) {
    const std::uint32_t type = in.u32be();
    const std::uint32_t length = in.u32le();
    if (in.failed()) break;
    const bool is_cut = length > in.remaining();
    const ByteView chunk = is_cut ? in.rest() : in.take(length);
    const bool is_frame = type == four_letters("VP8 ") || type == four_letters("VP8L");
    if (type == four_letters("VP8X") && !has_canvas && !has_picture) {
      TT_TRY(read_vp8x(chunk, info, animated));
      has_canvas = true;
    } else if (is_frame && !has_picture) {
      SourceInfo frame;
      if (type == four_letters("VP8 "))
        TT_TRY(read_vp8(chunk, is_cut, frame));
      else
        TT_TRY(read_vp8l(chunk, is_cut, frame));
      has_picture = true;
      if (has_canvas && !animated && (frame.width != info.width || frame.height != info.height))
        return corrupt("its canvas and its picture have different sizes");
      if (!has_canvas) {
        info.width = frame.width;
        info.height = frame.height;
      }
      info.has_alpha |= frame.has_alpha;
      if (!has_canvas) break;  // a simple file ends with its picture
    } else if (type == four_letters("ANMF")) {
      ++frames;
    } else if (type == four_letters("EXIF")) {
      info.orientation = exif_orientation(without_exif_prefix(chunk));
    } else if (!has_canvas) {
      return corrupt("it does not begin with a picture chunk");
    }
    if (is_cut) break;
    if (length % 2 != 0 && !in.at_end()) in.skip(1);
  }
  if (!has_canvas && !has_picture) return cut();
  if (!has_picture && frames == 0) return cut();
  if (frames > 1) info.frames = frames;
  return info;
}

}  // namespace tintype
