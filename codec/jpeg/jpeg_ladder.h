// decode_ladder() for JPEGs whose samples can stay as they are: see codec/ladder.h.
#pragma once

#include <optional>

#include "codec/ladder.h"

namespace tintype {

struct JpegHeader;
// Whether the picture's colours may stay as the file has them.
bool keeps_its_samples(const JpegHeader& header, const DecodeOptions& options);

// Nothing when this file has to go by RGB.
Result<std::optional<Ladder>> decode_jpeg_ladder(ByteView file, const SourceInfo& info, const DecodeOptions& options,
                                                 std::span<const PictureSize> sizes);

}  // namespace tintype
