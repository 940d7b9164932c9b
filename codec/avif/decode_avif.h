// decode() for AVIF; see codec/decode.h.
#pragma once

#include "codec/decode.h"

namespace tintype {

Result<Decoded> decode_avif(ByteView file, const SourceInfo& info, const DecodeOptions& options);

}  // namespace tintype
