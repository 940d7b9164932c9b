// What QualityForecast takes photos to be like before it has seen one: the average photo's scores, and how photos
// differ. Measured and fitted by `bench/run contract-fit`, which writes fitted_forecast.cpp (docs/contract.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tintype {

// Whose numbers a quality is among: those of libwebp, of our own WebP encoder, of AVIF.
enum class QualityScale : std::uint8_t { kLibwebp, kTintype, kAvif };
inline constexpr std::size_t kQualityScales = 3;

struct QualityPlace {
  QualityScale scale = QualityScale::kLibwebp;
  double long_side_px = 0;
  int quality = 0;
};

// The average photo's score with a long side of 1024 px, and how much more it is with each doubling.
struct QualityKnot {
  int quality = 0;
  double score = 0;
  double with_size = 0;
};

// Variances, in squared points of the score: of a part's level, and of its slope over ten points of the average score.
struct ForecastPart {
  double level = 0;
  double slope = 0;
};

// How photos differ from the average one.
struct PhotoSpread {
  ForecastPart photo;     // of the photo
  ForecastPart size;      // of its size, shared with sizes near it:
  double size_reach = 1;  // doublings to a share of 1/e
  ForecastPart scale;     // of the encoder
  double scale_reach = 1;
  double own = 0;        // of one encoder and size alone, shared with qualities near it:
  double own_reach = 1;  // points of the average score
  double noise = 0;
};

struct ForecastFit {
  std::array<std::vector<QualityKnot>, kQualityScales>
      average;  // of each scale: at least two, ascending, linear between
  PhotoSpread spread;
};

// What Tintype goes by.
const ForecastFit& fitted_forecast();

// The average photo there.
struct AveragePlace {
  QualityScale scale = QualityScale::kLibwebp;
  double size = 0;  // log2 of the long side, within what was measured
  double score = 0;
};
AveragePlace average_at(const ForecastFit& fit, const QualityPlace& place);

// How much two surprises have in common.
double covariance(const PhotoSpread& spread, const AveragePlace& a, const AveragePlace& b);

}  // namespace tintype
