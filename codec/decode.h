// decode: a file's first frame as upright pixels. Runs inside a sandboxed child: it may crash, hang or bloat
// on hostile bytes, and costs only that child.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "codec/image.h"
#include "codec/metadata.h"
#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/job/recipe.h"
#include "core/job/source_info.h"

namespace tintype {

struct DecodeOptions {
  // JPEG may be decoded at 1/2, 1/4 or 1/8 as long as the long side stays at least this. 0: full size.
  std::uint32_t min_long_side_px = 0;
  DamagedPolicy damaged = DamagedPolicy::kRefuse;
  // Convert pixels of another colour space to sRGB and drop the profile: for a metadata policy that keeps
  // none.
  bool to_srgb = false;
};

struct Decoded {
  Image image;  // upright (orientation applied); CMYK, YCCK, gray and 16 bit converted to 8-bit RGB(A)
  Metadata metadata;
  std::vector<std::string> warnings;  // a missing end marker, a broken profile left out, frames left out, ...
};

// `info` is probe()'s answer for the same bytes. Damage: data that ends before the picture does is
// kTruncatedImage (only the end marker missing is a warning); entropy data that contradicts itself is
// kCorruptImage; DamagedPolicy::kKeep makes warnings of both where any row was decoded.
Result<Decoded> decode(ByteView file, const SourceInfo& info, const DecodeOptions& options);

}  // namespace tintype
