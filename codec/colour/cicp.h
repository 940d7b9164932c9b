// cicp: colour as three code points (ITU-T H.273), which AVIF and PNG may carry instead of an ICC profile.
#pragma once

#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace tintype {

// An ICC profile that says the same; empty for sRGB and for "unspecified". The transfer functions of video
// (BT.709, BT.601, BT.2020) read as sRGB's curve, as browsers do. kUnsupportedImage for PQ and HLG (high
// dynamic range, which 8 bits cannot hold) and for code points that no profile expresses.
Result<Bytes> profile_from_cicp(unsigned primaries, unsigned transfer);

}  // namespace tintype
