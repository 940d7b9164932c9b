#include "bench/vp8/bd_rate.h"

#include <algorithm>
#include <cmath>

namespace tintype::bench {
namespace {

// Ascending in quality. A point that is no better than one with fewer bytes says nothing.
void tidy(std::vector<RatePoint>& curve) {
  std::ranges::sort(curve, {}, &RatePoint::bytes);
  double best = -1e9;
  std::erase_if(curve, [&](const RatePoint& point) {
    if (point.quality <= best) return true;
    best = point.quality;
    return false;
  });
}

double log_bytes_at(const std::vector<RatePoint>& curve, double quality) {
  auto upper = std::ranges::lower_bound(curve, quality, {}, &RatePoint::quality);
  upper = std::clamp(upper, curve.begin() + 1, curve.end() - 1);
  const RatePoint &a = upper[-1], &b = *upper;
  const double part = (quality - a.quality) / (b.quality - a.quality);
  return std::lerp(std::log(a.bytes), std::log(b.bytes), part);
}

}  // namespace

std::optional<double> bd_rate(std::vector<RatePoint> base, std::vector<RatePoint> other, double least_overlap) {
  tidy(base);
  tidy(other);
  if (base.size() < 2 || other.size() < 2) return {};
  const double low = std::max(base.front().quality, other.front().quality);
  const double high = std::min(base.back().quality, other.back().quality);
  if (high - low < least_overlap) return {};
  constexpr int kSteps = 100;
  double sum = 0;
  for (int i = 0; i < kSteps; ++i) {
    const double quality = std::lerp(low, high, (i + 0.5) / kSteps);
    sum += log_bytes_at(other, quality) - log_bytes_at(base, quality);
  }
  return std::expm1(sum / kSteps);
}

}  // namespace tintype::bench
