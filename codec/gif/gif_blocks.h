// gif_blocks: walks a GIF's blocks without decoding them.
#pragma once

#include <cstdint>

#include "core/base/bytes.h"

namespace tintype {

struct GifBlocks {
  enum class End : std::uint8_t {
    kTrailer,    // as it should
    kNoTrailer,  // after a whole block; only the trailer byte is missing
    kCut,        // inside a block
    kGarbage,    // at a byte that begins no block
  };

  std::uint32_t width = 0;  // of the screen
  std::uint32_t height = 0;
  std::uint32_t frames = 0;     // whose descriptor is there
  bool first_is_opaque = true;  // the first frame covers the screen and names no transparent colour
  End end = End::kTrailer;
};

// `file` begins with a GIF signature. A header shorter than 13 bytes reads as a zero screen and kCut.
GifBlocks walk_gif(ByteView file);

}  // namespace tintype
