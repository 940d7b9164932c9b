// XXH3, 64 bits: tells bytes that changed on the disk, at memory speed. No defence against anybody.
#pragma once

#include <cstdint>

#include <xxhash.h>

#include "core/base/bytes.h"

namespace tintype::embedded {

inline std::uint64_t checksum(ByteView bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace tintype::embedded
