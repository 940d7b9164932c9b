// SSIMULACRA 2, written to be read: whole planes, one step after the other, every term. What the fast one is tested
// against; agrees with Debian's `ssimulacra2` within 0.05.
#pragma once

#include "core/base/result.h"
#include "kernels/srgb_view.h"

namespace tintype::reference {

// At most 100 (the same picture); below 0 for very bad ones. kInvalidArgument: the sizes differ, or a side is under 8.
Result<double> ssimulacra2(const SrgbView& original, const SrgbView& candidate);

}  // namespace tintype::reference
