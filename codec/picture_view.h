// A decoded picture as kernels see it.
#pragma once

#include "codec/image.h"
#include "kernels/srgb_view.h"

namespace tintype {

inline SrgbView view_of(const Image& image) {
  return SrgbView::interleaved(image.pixels.data(), image.width, image.height, image.channels, image.stride_bytes);
}

}  // namespace tintype
