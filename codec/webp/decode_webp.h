// decode() for WebP; see codec/decode.h.
#pragma once

#include "codec/decode.h"

namespace tintype {

Result<Decoded> decode_webp(ByteView file, const SourceInfo& info, const DecodeOptions& options);

}  // namespace tintype
