#include "codec/jpeg/probe_jpeg.h"

#include <optional>
#include <string>

#include "codec/cursor.h"
#include "codec/exif_orientation.h"

namespace tintype {
namespace {

// ITU-T T.81, table B.1: the second byte of a marker.
enum Marker : std::uint8_t {
  kTem = 0x01,
  kSof0 = 0xC0,
  kSof2 = 0xC2,
  kDht = 0xC4,
  kJpg = 0xC8,
  kDac = 0xCC,
  kSof15 = 0xCF,
  kRst0 = 0xD0,
  kRst7 = 0xD7,
  kSoi = 0xD8,
  kEoi = 0xD9,
  kSos = 0xDA,
  kDqt = 0xDB,
  kDhp = 0xDE,
  kExp = 0xDF,
  kApp0 = 0xE0,
  kApp1 = 0xE1,
  kApp15 = 0xEF,
  kCom = 0xFE,
};

bool is_frame_header(std::uint8_t marker) {
  return marker >= kSof0 && marker <= kSof15 && marker != kDht && marker != kJpg && marker != kDac;
}

// Whether libjpeg knows the marker at all; it gives up at any other.
bool is_known_segment(std::uint8_t marker) {
  return (marker >= 0xC0 && marker <= 0xDD && marker != kJpg) || (marker >= kApp0 && marker <= kApp15) ||
         marker == kCom;
}

// The next marker as libjpeg finds it: bytes between segments, stuffed zeros and fill bytes are passed over.
std::optional<std::uint8_t> next_marker(Cursor& in) {
  while (!in.at_end()) {
    if (in.u8() != 0xFF) continue;
    std::uint8_t byte = 0xFF;
    while (byte == 0xFF && !in.at_end()) byte = in.u8();
    if (byte != 0 && byte != 0xFF) return byte;
  }
  return std::nullopt;
}

// What the frame header's marker says about the coding; empty for the three codings that are taken.
std::string_view refused_coding(std::uint8_t marker) {
  if (marker <= kSof2) return "";
  if (marker == 0xC3) return "lossless coding";
  if (marker <= 0xC7) return "hierarchical coding";
  if (marker == 0xCB) return "lossless arithmetic coding";
  if (marker <= 0xCB) return "arithmetic coding";
  return "hierarchical arithmetic coding";
}

std::unexpected<Error> cut() {
  return fail(ErrorCode::kTruncatedImage, "the JPEG ends inside its header; copy it again from its source");
}
std::unexpected<Error> corrupt(const std::string& what) {
  return fail(ErrorCode::kCorruptImage, "the JPEG's header is damaged: " + what + "; copy it again from its source");
}
std::unexpected<Error> unsupported(const std::string& what) {
  return fail(ErrorCode::kUnsupportedImage,
              "the JPEG uses " + what + ", which is not taken; save it as an ordinary 8-bit JPEG");
}

Status read_frame_header(std::uint8_t marker, ByteView segment, SourceInfo& info) {
  if (const std::string_view coding = refused_coding(marker); !coding.empty()) return unsupported(std::string(coding));
  Cursor in(segment);
  info.bits = in.u8();
  info.height = in.u16be();
  info.width = in.u16be();
  const unsigned components = in.u8();
  if (in.failed() || in.remaining() != std::size_t{3} * components)
    return corrupt("its frame segment has the wrong length");
  if (info.bits != 8) return unsupported(std::to_string(info.bits) + " bits a sample");
  if (info.width == 0) return corrupt("its width is zero");
  if (info.height == 0) return unsupported("a height that is only given after the picture (or is zero)");
  if (components != 1 && components != 3 && components != 4)
    return unsupported(std::to_string(components) + " colour components");
  for (unsigned i = 0; i < components; ++i) {
    in.skip(1);
    const unsigned sampling = in.u8();
    in.skip(1);
    if (sampling >> 4 < 1 || sampling >> 4 > 4 || (sampling & 15) < 1 || (sampling & 15) > 4)
      return corrupt("it has an impossible chroma subsampling");
  }
  info.channels = static_cast<std::uint8_t>(components);
  info.progressive = marker == kSof2;
  return {};
}

// Takes over table 0 where the segment has it (ITU-T T.81, B.2.4.1). What is wrong with a table is the decoder's to
// say.
void read_quantizer(ByteView segment, SourceInfo& info) {
  for (Cursor in(segment); !in.at_end() && !in.failed();) {
    const unsigned head = in.u8();
    std::uint32_t sum = 0;
    for (int i = 0; i < 64; ++i) sum += head >> 4 != 0 ? in.u16be() : in.u8();
    if (!in.failed() && (head & 15) == 0) info.quantizer_sum = sum;
  }
}

}  // namespace

bool is_jpeg(ByteView first_bytes) { return starts_with(first_bytes, "\xFF\xD8"); }

Result<SourceInfo> probe_jpeg(ByteView file) {
  Cursor in(file);
  in.skip(2);
  SourceInfo info;
  info.format = ImageFormat::kJpeg;
  bool has_frame = false;
  bool has_exif = false;
  for (;;) {
    const std::optional<std::uint8_t> marker = next_marker(in);
    if (!marker) return cut();
    if (*marker == kTem || (*marker >= kRst0 && *marker <= kRst7)) continue;
    if (*marker == kSoi) return corrupt("it starts twice");
    if (*marker == kEoi) return corrupt("its end marker comes before any picture");
    if (*marker == kDhp || *marker == kExp) return unsupported("hierarchical coding");
    if (!is_known_segment(*marker)) return corrupt("it has a segment of no known kind");

    const std::uint16_t length = in.u16be();
    if (in.failed()) return cut();
    if (length < 2) return corrupt("it has a segment of an impossible length");
    const ByteView segment = in.take(length - 2u);
    if (in.failed()) return cut();

    if (*marker == kSos) {
      if (!has_frame) return corrupt("its picture data come before its frame segment");
      return info;
    }
    if (*marker == kDqt) read_quantizer(segment, info);
    if (is_frame_header(*marker)) {
      if (has_frame) return corrupt("it has two frame segments");
      TT_TRY(read_frame_header(*marker, segment, info));
      has_frame = true;
    }
    if (*marker == kApp1 && !has_exif && starts_with(segment, "Exif\0\0")) {
      info.orientation = exif_orientation(without_exif_prefix(segment));
      has_exif = true;
    }
  }
}

}  // namespace tintype
