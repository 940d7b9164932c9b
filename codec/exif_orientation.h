// exif_orientation: the one EXIF value that a header probe needs, read with our own code.
#pragma once

#include <cstdint>

#include "core/base/bytes.h"

namespace tintype {

// The orientation, 1..8, in the first directory of a TIFF-headed EXIF block (EXIF 2.32, 4.6.4, tag 0x0112);
// 1 if there is none or it is anything else. Reads that one directory once, whatever its links say.
std::uint8_t exif_orientation(ByteView tiff);

// `bytes` without the "Exif\0\0" that some containers put before the TIFF header.
ByteView without_exif_prefix(ByteView bytes);

}  // namespace tintype
