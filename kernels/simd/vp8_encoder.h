// The VP8 encoder with the best instructions of the machine it runs on: the same bytes as
// kernels/reference/vp8_encoder.h.
#pragma once

#include "kernels/vp8/frame.h"

namespace tintype::simd {

// As vp8::encode_frame. One thread; any number of them at once.
Result<Bytes> encode_vp8(const vp8::Picture& picture, const vp8::Settings& settings,
                         vp8::Reconstruction* reconstruction = nullptr);

}  // namespace tintype::simd
