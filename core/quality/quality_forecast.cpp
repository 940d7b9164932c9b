#include "core/quality/quality_forecast.h"

#include <algorithm>
#include <cmath>

#include "core/quality/cholesky.h"

namespace tintype {

void QualityForecast::learn(const QualityPlace& place, double score) {
  known_.push_back(average_at(*fit_, place));
  surprises_.push_back(score - known_.back().score);
  const PhotoSpread& spread = fit_->spread;
  const Cholesky parts(known_.size(), spread.noise / 2, [&](std::size_t i, std::size_t j) {
    return covariance(spread, known_[i], known_[j]) + (i == j ? spread.noise : 0);
  });
  weights_ = parts.solved(surprises_);
}

double QualityForecast::score_at(const QualityPlace& place) const {
  const AveragePlace here = average_at(*fit_, place);
  double score = here.score;
  for (std::size_t i = 0; i < known_.size(); ++i) score += weights_[i] * covariance(fit_->spread, here, known_[i]);
  return score;
}

int QualityForecast::quality_for(double score, QualityScale scale, double long_side_px, int lowest, int highest) const {
  int nearest = lowest;
  double least = INFINITY;
  for (int quality = lowest; quality <= highest; ++quality) {
    const double gap = std::abs(score_at({scale, long_side_px, quality}) - score);
    if (gap < least) {
      least = gap;
      nearest = quality;
    }
  }
  return nearest;
}

}  // namespace tintype
