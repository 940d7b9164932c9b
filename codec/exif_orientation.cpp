#include "codec/exif_orientation.h"

#include "codec/cursor.h"

namespace tintype {
namespace {

constexpr std::uint16_t kOrientationTag = 0x0112;
constexpr std::uint16_t kShortType = 3;

class TiffCursor {
 public:
  TiffCursor(ByteView bytes, bool big_endian) : cursor_(bytes), big_endian_(big_endian) {}
  std::uint16_t u16() { return big_endian_ ? cursor_.u16be() : cursor_.u16le(); }
  std::uint32_t u32() { return big_endian_ ? cursor_.u32be() : cursor_.u32le(); }
  void skip(std::uint64_t count) { cursor_.skip(count); }
  bool failed() const { return cursor_.failed(); }

 private:
  Cursor cursor_;
  bool big_endian_;
};

}  // namespace

std::uint8_t exif_orientation(ByteView tiff) {
  const bool big_endian = starts_with(tiff, "MM\0*");
  if (!big_endian && !starts_with(tiff, "II*\0")) return 1;
  TiffCursor header(tiff, big_endian);
  header.skip(4);
  const std::uint32_t directory_offset = header.u32();

  TiffCursor directory(tiff, big_endian);
  directory.skip(directory_offset);
  const std::uint16_t entries = directory.u16();
  for (std::uint16_t i = 0; i < entries && !directory.failed(); ++i) {
    const std::uint16_t tag = directory.u16();
    const std::uint16_t type = directory.u16();
    const std::uint32_t count = directory.u32();
    const std::uint16_t value = directory.u16();
    directory.skip(2);
    if (tag != kOrientationTag) continue;
    const bool valid = !directory.failed() && type == kShortType && count == 1 && value >= 1 && value <= 8;
    return valid ? static_cast<std::uint8_t>(value) : 1;
  }
  return 1;
}

ByteView without_exif_prefix(ByteView bytes) { return starts_with(bytes, "Exif\0\0") ? bytes.subspan(6) : bytes; }

}  // namespace tintype
