// other_files: names what a file is when it is none of the formats that Tintype takes.
#pragma once

#include "core/base/bytes.h"
#include "core/base/error.h"

namespace tintype {

// kUnsupportedImage for a picture format we know by sight (HEIC, JPEG XL, TIFF, BMP, ...), else kNotAnImage,
// which says what it looks like (PDF, ZIP, SVG, HTML, text, zeros). `file` is not empty.
Error describe_other_file(ByteView file);

// Whether the first bytes are those of a picture format that describe_other_file() knows.
bool is_other_picture(ByteView first_bytes);

}  // namespace tintype
