// kernels/reference/jpeg_planes.h with Highway: the best instructions of the machine it runs on, the same bits for
// every coefficient and every quantiser.
#pragma once

#include "kernels/reference/jpeg_planes.h"

namespace tintype::simd {

void jpeg_plane(const JpegBlocks& blocks, std::uint32_t scaled_size, std::uint8_t* out, std::size_t stride);

}  // namespace tintype::simd
