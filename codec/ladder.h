// decode_ladder: a file's first frame as pictures of several sizes, decoded once. Runs inside a sandboxed child.
//
// An 8-bit JPEG of Y'CbCr, or of gray without a profile, stays in planes from its coefficients to the encoder
// ("planar"): no pixel is ever RGB, and only some rows of the full-size picture are held at a time. Every other file
// goes by RGB: decode(), then resize() from size to size. So do JPEGs whose colours have to change (CMYK, RGB, a gray
// profile, a profile to be converted).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "codec/decode.h"
#include "codec/planes.h"

namespace tintype {

struct PictureSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  Chroma chroma = Chroma::kHalf;  // where the picture is planar
  bool operator==(const PictureSize&) const = default;
};

struct Ladder {
  std::vector<Pixels> pictures;  // upright, one for each size asked for, in their order
  PictureSize decoded;           // upright; what the pictures were made from
  Metadata metadata;
  std::vector<std::string> warnings;  // as in Decoded
};

// `info` and errors as for decode(). Sizes are upright, largest first, each at least 1 and at most what
// `options.min_long_side_px` leaves of the picture.
Result<Ladder> decode_ladder(ByteView file, const SourceInfo& info, const DecodeOptions& options,
                             std::span<const PictureSize> sizes);

// The same without planes, whatever the file: what planar is measured against.
Result<Ladder> decode_rgb_ladder(ByteView file, const SourceInfo& info, const DecodeOptions& options,
                                 std::span<const PictureSize> sizes);

}  // namespace tintype
