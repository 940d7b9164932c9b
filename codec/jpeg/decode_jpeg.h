// decode() for JPEG; see codec/decode.h.
#pragma once

#include "codec/decode.h"

namespace tintype {

Result<Decoded> decode_jpeg(ByteView file, const SourceInfo& info, const DecodeOptions& options);

}  // namespace tintype
