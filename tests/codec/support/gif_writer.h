// GIFs through giflib's writer.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/image.h"
#include "core/base/bytes.h"

namespace tintype::testing {

struct GifKind {
  std::uint32_t screen_width = 0;  // 0: the frame's own
  std::uint32_t screen_height = 0;
  std::uint32_t left = 0;  // of every frame
  std::uint32_t top = 0;
  bool interlaced = false;
  bool transparent = false;  // palette entry 0 (black) is
  int frames = 1;
};

// `image` has six levels a channel.
Bytes write_gif(const Image& image, const GifKind& kind = {});

}  // namespace tintype::testing
