// resize: area-averaged reduction of interleaved pixels (OpenCV). Alpha is weighted, so that transparent
// pixels do not bleed. One thread.
#pragma once

#include "codec/image.h"
#include "core/base/result.h"

namespace tintype {

// `width` x `height` at most the image's own size and at least 1.
Result<Image> resize(const Image& image, std::uint32_t width, std::uint32_t height);

// Keeps OpenCV from starting threads of its own. Once a process, before the first resize().
void use_one_thread_per_codec();

}  // namespace tintype
