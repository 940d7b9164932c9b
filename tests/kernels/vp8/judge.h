// The judge of a VP8 encoder is the decoder: libwebp must show exactly what the encoder says that will be seen.
#pragma once

#include <string>

#include "kernels/vp8/frame.h"
#include "tests/kernels/vp8/planes.h"

namespace tintype::test {

using Encode = Result<Bytes> (*)(const vp8::Picture&, const vp8::Settings&, vp8::Reconstruction*);

// Empty if libwebp shows what the encoder reconstructed, else what is wrong. `bytes`: how long the frame is.
std::string judge(const Planes420& planes, const vp8::Settings& settings, Encode encode, std::size_t* bytes = nullptr);

std::string describe(const Planes420& planes, const vp8::Settings& settings);

}  // namespace tintype::test
