#include "core/quality/quality_forecast.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace tintype {
namespace {

// The average photo's score at some qualities, with a long side of 1024 px, and how much more it is with each doubling.
struct Knot {
  int quality;
  double score;
  double with_size;
};
constexpr Knot kWebp[] = {
    {30, 50.2, -0.47}, {45, 59.6, -0.79}, {55, 63.9, -0.77}, {60, 65.9, -1.00}, {65, 67.8, -1.12}, {70, 69.5, -1.21}, {75, 71.2, -1.12}, {80, 75.4, -1.13}, {84, 78.7, -1.28}, {88, 82.0, -1.10}, {92, 85.4, -0.72}, {96, 88.2, -0.55},
};
constexpr Knot kAvif[] = {
    {20, 39.2, 4.85}, {30, 55.5, 3.44}, {38, 64.8, 2.52}, {44, 69.9, 1.90}, {48, 72.9, 1.58}, {52, 75.5, 0.90}, {56, 77.6, 0.60}, {60, 79.4, 0.18}, {64, 81.1, 0.12}, {68, 82.0, 0.10}, {74, 84.1, 0.08}, {80, 86.1, -0.09},
};
constexpr double kMiddleSize = 10;  // log2 of 1024
constexpr double kLeastSize = 8, kMostSize = 12.5;

// Variances, in squared points of the score: of a part's level, and of its slope over ten points of the average score.
struct Part {
  double level;
  double slope;
};
constexpr Part kPhoto = {8.9, 2.8};   // of the photo
constexpr Part kSize = {5.0, 3.1};    // of its size, shared with sizes near it:
constexpr double kSizeReach = 8.8;     // doublings to a share of 1/e
constexpr Part kScale = {7.9, 2.8};   // of the format
constexpr double kScaleReach = 11.8;
constexpr double kOwn = 0.76;           // of one format and size alone, shared with qualities near it:
constexpr double kOwnReach = 7.6;      // points of the average score
constexpr double kNoise = 0.11;
constexpr double kMiddleScore = 75, kSlopeUnit = 10;

struct Average {
  double score = 0;
  double size = 0;
};

Average average_at(const QualityPlace& place) {
  const double size = std::clamp(std::log2(std::max(1.0, place.long_side_px)), kLeastSize, kMostSize);
  const auto at = [&](const Knot& knot) { return knot.score + (size - kMiddleSize) * knot.with_size; };
  const auto within = [&](const auto& knots) {
    const auto* right = std::ranges::find_if(std::begin(knots) + 1, std::end(knots) - 1, [&](const Knot& knot) { return knot.quality >= place.quality; });
    const auto* left = right - 1;
    const double part = static_cast<double>(place.quality - left->quality) / (right->quality - left->quality);
    return at(*left) + part * (at(*right) - at(*left));
  };
  return {place.scale == QualityScale::kWebp ? within(kWebp) : within(kAvif), size};
}

// How much two surprises have in common.
double covariance(const QualityPlace& a, const QualityPlace& b) {
  const Average at_a = average_at(a), at_b = average_at(b);
  const double x = (at_a.score - kMiddleScore) / kSlopeUnit, y = (at_b.score - kMiddleScore) / kSlopeUnit;
  const auto of = [&](const Part& part) { return part.level + part.slope * x * y; };
  const double size_gap = std::abs(at_a.size - at_b.size);
  const bool same_scale = a.scale == b.scale;
  double sum = of(kPhoto) + of(kSize) * std::exp(-size_gap / kSizeReach);
  if (!same_scale) return sum;
  sum += of(kScale) * std::exp(-size_gap / kScaleReach);
  const double gap = (at_a.score - at_b.score) / kOwnReach;
  if (size_gap < 1e-6) sum += kOwn * std::exp(-gap * gap / 2);
  return sum;
}

}  // namespace

void QualityForecast::learn(const QualityPlace& place, double score) {
  known_.push_back({place, score - average_at(place).score});
  weigh();
}

// Solves (covariance + noise) * weights = surprises by Cholesky's decomposition.
void QualityForecast::weigh() {
  const std::size_t count = known_.size();
  std::vector<double> lower(count * count);
  weights_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = covariance(known_[i].place, known_[j].place) + (i == j ? kNoise : 0);
      for (std::size_t k = 0; k < j; ++k) sum -= lower[i * count + k] * lower[j * count + k];
      lower[i * count + j] = i == j ? std::sqrt(std::max(sum, kNoise / 2)) : sum / lower[j * count + j];
    }
    double sum = known_[i].surprise;
    for (std::size_t k = 0; k < i; ++k) sum -= lower[i * count + k] * weights_[k];
    weights_[i] = sum / lower[i * count + i];
  }
  for (std::size_t i = count; i-- > 0;) {
    for (std::size_t k = i + 1; k < count; ++k) weights_[i] -= lower[k * count + i] * weights_[k];
    weights_[i] /= lower[i * count + i];
  }
}

double QualityForecast::score_at(const QualityPlace& place) const {
  double score = average_at(place).score;
  for (std::size_t i = 0; i < known_.size(); ++i) score += weights_[i] * covariance(place, known_[i].place);
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
