// Files with true headers and no picture: what the simulated lane "encodes".
#pragma once

#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/job/source_info.h"

namespace tintype {

// A few hundred bytes that probe() reads as `format`, `width` x `height`. WebP (sides 1..16383) and AVIF;
// kUnsupported for others.
Result<Bytes> make_up_file(ImageFormat format, std::uint32_t width, std::uint32_t height);

}  // namespace tintype
