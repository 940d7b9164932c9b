// Crew: threads that make photos into WebP, over and over, for a stated time, and what that took.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "codec/jpeg/jpeg_coefficients.h"
#include "codec/ladder.h"
#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/job/source_info.h"

namespace tintype::bench {

struct BenchPhoto {
  std::string path;
  Bytes file;
  SourceInfo info;
  std::vector<PictureSize> sizes;  // that its WebPs have, largest first

  DecodeOptions options() const;
};

struct CrewResult {
  double photos = 0;
  double megapixels = 0;  // of the sources
  double wall_seconds = 0;
  double cpu_seconds = 0;  // user and sys, of this process

  double photos_a_second() const { return photos / wall_seconds; }
  double megapixels_a_second() const { return megapixels / wall_seconds; }
};

// One thread's work on one photo.
using PhotoWork = std::function<Status(const BenchPhoto&)>;

// Each of `workers` is one thread, which takes photo after photo; for at least `seconds`, every photo at least once.
Result<CrewResult> run_crew(const std::vector<BenchPhoto>& photos, const std::vector<PhotoWork>& workers,
                            double seconds);

}  // namespace tintype::bench
