// The qualities where nobody names one: the average photo has about the same score with both, 71 to 73 by SSIMULACRA 2
// (core/quality/quality_forecast.cpp).
#pragma once

#include "core/job/source_info.h"

namespace tintype {

constexpr int usual_quality(ImageFormat format) { return format == ImageFormat::kAvif ? 48 : 75; }

}  // namespace tintype
