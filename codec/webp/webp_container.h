// The RIFF container of a lossy WebP (https://developers.google.com/speed/webp/docs/riff_container).
#pragma once

#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace tintype {

struct WebpChunks {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  ByteView frame;  // VP8
  ByteView alpha;  // an ALPH chunk's payload; this one and those below: empty: none
  ByteView icc;
  ByteView exif;
  ByteView xmp;
};

// kInvalidArgument: the file would be longer than 4 GiB.
Result<Bytes> write_webp(const WebpChunks& chunks);

// The payload of a file's first chunk with this name of four letters; empty if there is none, or the file is none.
ByteView find_webp_chunk(ByteView file, const char* name);

}  // namespace tintype
