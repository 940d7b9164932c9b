// Planes in the samples that a lossy WebP has: 8 bits, BT.601's video range.
#pragma once

#include "codec/planes.h"
#include "core/base/bytes.h"

namespace tintype {

// Plane 0 is luma, 1 and 2 are chroma. Rows without gaps.
Bytes video_samples(const Planes& planes, int plane);

}  // namespace tintype
