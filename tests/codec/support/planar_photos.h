// Photos whose samples can stay as the file has them.
#pragma once

#include <functional>
#include <string>

#include "core/base/bytes.h"
#include "core/job/source_info.h"

namespace tintype::testing {

// Calls `look` for each undamaged Y'CbCr JPEG of TINTYPE_PHOTOS with at most so many megapixels, until it answers
// false. How many it was called for; -1: the variable names no folder.
int for_each_planar_photo(
    double most_megapixels,
    const std::function<bool(const std::string& path, ByteView file, const SourceInfo& info)>& look);

}  // namespace tintype::testing
