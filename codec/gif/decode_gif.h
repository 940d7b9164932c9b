// decode() for GIF; see codec/decode.h.
#pragma once

#include "codec/decode.h"

namespace tintype {

Result<Decoded> decode_gif(ByteView file, const SourceInfo& info, const DecodeOptions& options);

}  // namespace tintype
