// Scores of photos over an encoder's whole scale of qualities: what the forecast of the quality contract is fitted to.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/quality/forecast_fit.h"

namespace tintype::bench {

struct CurvePoint {
  int quality = 0;
  double score = 0;
};

// One encoder on one size of a photo. Points ascend in quality, the same ones for every curve of a scale.
struct Curve {
  QualityScale scale = QualityScale::kLibwebp;
  std::uint32_t long_side_px = 0;
  std::vector<CurvePoint> points;

  QualityPlace at(int quality) const { return {scale, static_cast<double>(long_side_px), quality}; }
  // Linear between points, and straight on beyond them.
  double score_at(int quality) const;
};

struct PhotoCurves {
  std::string photo;
  std::vector<Curve> curves;

  const Curve* find(QualityScale scale, std::uint32_t long_side_px) const;
};

const char* name_of(QualityScale scale);

// The photo at 2048, 1024 and 512 px (those that it reaches, else its own size), by every encoder at an upload's
// effort.
Result<PhotoCurves> measure_curves(const std::filesystem::path& photo);

// A file of one line a curve, so that a long measurement can be added to and fitted again.
Status append_curves(const std::string& file, const PhotoCurves& curves);
// Empty where there is no such file.
Result<std::vector<PhotoCurves>> read_curves(const std::string& file);

}  // namespace tintype::bench
