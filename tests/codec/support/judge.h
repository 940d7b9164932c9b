// Independent decoders: OpenCV's imgcodecs and, for AVIF, the avifdec program.
#pragma once

#include <optional>

#include "codec/image.h"
#include "core/base/bytes.h"

namespace tintype::testing {

// RGB as stored (orientation not applied) by OpenCV; nothing if it cannot read the file. `keep_alpha` gives
// RGBA where the file has it.
std::optional<Image> judge(ByteView file, bool keep_alpha = false);

// The same for AVIF through `avifdec`; nothing if it refuses the file. avifdec_is_there() says whether it is
// there.
bool avifdec_is_there();
std::optional<Image> judge_avif(ByteView file, bool keep_alpha = false);

}  // namespace tintype::testing
