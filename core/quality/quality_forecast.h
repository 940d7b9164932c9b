// QualityForecast: the score that a photo will have at a quality, from what photos have on average and from what was
// measured of this one at other qualities, sizes and formats. Pure.
//
// A Gaussian process (Rasmussen and Williams, 2006, chapter 2): a photo differs from the average one by a smooth
// function of quality, of which a part is the photo's own, a part its size's, a part its encoder's. What the parts
// weigh, and the average itself, was fitted to photos (forecast_fit.h); its own uncertainty is what makes a near probe
// count more than a far one.
#pragma once

#include <vector>

#include "core/quality/forecast_fit.h"

namespace tintype {

class QualityForecast {
 public:
  explicit QualityForecast(const ForecastFit& fit = fitted_forecast()) : fit_(&fit) {}

  // What was measured. Qualities of one picture may come again.
  void learn(const QualityPlace& place, double score);
  bool knows_nothing() const { return known_.empty(); }

  double score_at(const QualityPlace& place) const;
  // The quality between `lowest` and `highest` whose score is thought to be nearest to `score`.
  int quality_for(double score, QualityScale scale, double long_side_px, int lowest, int highest) const;

 private:
  const ForecastFit* fit_;
  std::vector<AveragePlace> known_;
  std::vector<double> surprises_;  // of each known one over the average photo's score
  std::vector<double> weights_;    // of each known one in a forecast
};

}  // namespace tintype
