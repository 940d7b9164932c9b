#include "workers/simulated/made_up_file.h"

#include <initializer_list>
#include <string>
#include <string_view>

namespace tintype {
namespace {

constexpr std::uint32_t kMaxWebpSide = 16383;

// Unsigned numbers as text of bytes, so that boxes are put together by concatenation.
std::string big_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

// RFC 9649: a RIFF of one lossy frame; the frame is a key frame's header (RFC 6386, 9.1) and an empty partition.
std::string webp(std::uint32_t width, std::uint32_t height) {
  constexpr std::uint32_t kFirstPartitionBytes = 8;
  const std::string frame = little_endian(kFirstPartitionBytes << 5 | 1u << 4, 3) + "\x9d\x01\x2a" +
                            little_endian(width, 2) + little_endian(height, 2) +
                            std::string(kFirstPartitionBytes + 8, '\0');
  const std::string chunk = "VP8 " + little_endian(frame.size(), 4) + frame;
  return "RIFF" + little_endian(4 + chunk.size(), 4) + "WEBP" + chunk;
}

std::string box(std::string_view type, std::initializer_list<std::string> parts) {
  std::string body;
  for (const std::string& part : parts) body += part;
  return big_endian(8 + body.size(), 4) + std::string(type) + body;
}

// A box with version and flags.
std::string full_box(std::string_view type, int version, std::initializer_list<std::string> parts) {
  std::string body;
  for (const std::string& part : parts) body += part;
  return box(type, {big_endian(version, 1), big_endian(0, 3), body});
}

// ISO/IEC 14496-12 and 23008-12 (HEIF) boxes, and the AV1 image item of AVIF 1.1: one item, no derived images.
std::string avif(std::uint32_t width, std::uint32_t height) {
  const std::string payload(16, '\0');
  const std::string ftyp = box("ftyp", {"avif", big_endian(0, 4), "avif", "mif1", "miaf"});
  const auto meta = [&](std::uint64_t payload_offset) {
    const std::string hdlr = full_box("hdlr", 0, {big_endian(0, 4), "pict", std::string(13, '\0')});
    const std::string pitm = full_box("pitm", 0, {big_endian(1, 2)});
    const std::string iloc =
        full_box("iloc", 0,
                 {big_endian(0x44, 1), big_endian(0, 1), big_endian(1, 2), big_endian(1, 2), big_endian(0, 2),
                  big_endian(1, 2), big_endian(payload_offset, 4), big_endian(payload.size(), 4)});
    const std::string infe = full_box("infe", 2, {big_endian(1, 2), big_endian(0, 2), "av01", std::string(1, '\0')});
    const std::string iinf = full_box("iinf", 0, {big_endian(1, 2), infe});
    const std::string ispe = full_box("ispe", 0, {big_endian(width, 4), big_endian(height, 4)});
    const std::string pixi = full_box("pixi", 0, {"\x03", "\x08\x08\x08"});
    const std::string av1c = box("av1C", {big_endian(0x81000c00, 4)});  // version 1, main profile, 4:2:0
    const std::string ipco = box("ipco", {ispe, pixi, av1c});
    const std::string ipma =
        full_box("ipma", 0, {big_endian(1, 4), big_endian(1, 2), "\x03", "\x01\x02\x83"});  // av1C is essential
    return full_box("meta", 0, {hdlr, pitm, iloc, iinf, box("iprp", {ipco, ipma})});
  };
  const std::size_t payload_offset = ftyp.size() + meta(0).size() + 8;
  return ftyp + meta(payload_offset) + box("mdat", {payload});
}

}  // namespace

Result<Bytes> make_up_file(ImageFormat format, std::uint32_t width, std::uint32_t height) {
  if (width == 0 || height == 0) return fail(ErrorCode::kInvalidArgument, "a picture has at least one pixel");
  if (format == ImageFormat::kWebp) {
    if (width > kMaxWebpSide || height > kMaxWebpSide) {
      return fail(ErrorCode::kInvalidArgument, "WebP takes at most 16383 pixels a side");
    }
    return Bytes::copy_of(as_bytes(webp(width, height)));
  }
  if (format == ImageFormat::kAvif) return Bytes::copy_of(as_bytes(avif(width, height)));
  return fail(ErrorCode::kUnsupported,
              "the simulated lane makes up WebP and AVIF files, not " + std::string(format_name(format)));
}

}  // namespace tintype
