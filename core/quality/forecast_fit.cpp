#include "core/quality/forecast_fit.h"

#include <algorithm>
#include <cmath>

namespace tintype {
namespace {

constexpr double kMiddleSize = 10;  // log2 of 1024
constexpr double kLeastSize = 8, kMostSize = 12.5;
constexpr double kMiddleScore = 75, kSlopeUnit = 10;

}  // namespace

AveragePlace average_at(const ForecastFit& fit, const QualityPlace& place) {
  const double size = std::clamp(std::log2(std::max(1.0, place.long_side_px)), kLeastSize, kMostSize);
  const auto at = [&](const QualityKnot& knot) { return knot.score + (size - kMiddleSize) * knot.with_size; };
  const auto& knots = fit.average[static_cast<std::size_t>(place.scale)];
  // Beyond the ends it goes on as straight.
  const auto right = std::find_if(knots.begin() + 1, knots.end() - 1,
                                  [&](const QualityKnot& knot) { return knot.quality >= place.quality; });
  const auto left = right - 1;
  const double part = static_cast<double>(place.quality - left->quality) / (right->quality - left->quality);
  return {place.scale, size, at(*left) + part * (at(*right) - at(*left))};
}

double covariance(const PhotoSpread& spread, const AveragePlace& a, const AveragePlace& b) {
  const double slopes = (a.score - kMiddleScore) * (b.score - kMiddleScore) / (kSlopeUnit * kSlopeUnit);
  const auto of = [&](const ForecastPart& part) { return part.level + part.slope * slopes; };
  const double size_gap = std::abs(a.size - b.size);
  double sum = of(spread.photo) + of(spread.size) * std::exp(-size_gap / spread.size_reach);
  if (a.scale != b.scale) return sum;
  sum += of(spread.scale) * std::exp(-size_gap / spread.scale_reach);
  const double gap = (a.score - b.score) / spread.own_reach;
  if (size_gap < 1e-6) sum += spread.own * std::exp(-gap * gap / 2);
  return sum;
}

}  // namespace tintype
