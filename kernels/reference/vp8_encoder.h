// The VP8 encoder with every kernel in plain C++: slow, and what the others are tested against.
#pragma once

#include "kernels/vp8/frame.h"

namespace tintype::reference {

// As vp8::encode_frame.
Result<Bytes> encode_vp8(const vp8::Picture& picture, const vp8::Settings& settings,
                         vp8::Reconstruction* reconstruction = nullptr);

}  // namespace tintype::reference
