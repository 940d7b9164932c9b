// What a forecast would have cost: contracts of photos whose curves are known, as a job runs them.
#pragma once

#include <span>

#include "bench/contract_fit/curves.h"

namespace tintype::bench {

struct Replay {
  int files = 0;
  int missed = 0;      // not within the window
  double encodes = 0;  // of all files, tries at half size as a quarter
};

// Scores 70 and 80 of each photo at 2048 and 1024 px, where it has them, by `webp` and AVIF in turn.
Replay replay(const ForecastFit& fit, std::span<const PhotoCurves> photos, QualityScale webp);

}  // namespace tintype::bench
