#include "bench/contract_fit/replay.h"

#include <cmath>

#include "core/quality/quality_forecast.h"
#include "core/quality/quality_search.h"

namespace tintype::bench {
namespace {

constexpr std::uint32_t kLongSides[] = {2048, 1024};
constexpr double kScores[] = {70, 80};
// As codec/contract_encoder.cpp has them.
constexpr double kHalfShare = 0.25, kFarScore = 4;

int best_guess(const QualityForecast& forecast, const QualityTarget& target, const Curve& curve) {
  return forecast.quality_for(target.aim(), curve.scale, curve.long_side_px, target.lowest_quality,
                              target.highest_quality);
}

double try_half(QualityForecast& forecast, const QualityTarget& target, const Curve& half) {
  double encodes = 0;
  for (const int most : {1, 2}) {
    const int quality = best_guess(forecast, target, half);
    const double score = half.score_at(quality);
    forecast.learn(half.at(quality), score);
    encodes += kHalfShare;
    if (most == 2 || std::abs(score - target.aim()) < kFarScore) break;
  }
  return encodes;
}

void encode_one(QualityForecast& forecast, const QualityTarget& target, const Curve& curve, Replay& sum) {
  QualitySearch search(target, {});
  search.expect(best_guess(forecast, target, curve));
  while (const auto quality = search.next()) {
    const double score = curve.score_at(*quality);
    forecast.learn(curve.at(*quality), score);
    search.tell({*quality, score, 0, 0});
    search.expect(best_guess(forecast, target, curve));
    ++sum.encodes;
  }
  ++sum.files;
  sum.missed += !search.outcome().reached();
}

}  // namespace

Replay replay(const ForecastFit& fit, std::span<const PhotoCurves> photos, QualityScale webp) {
  Replay sum;
  for (const PhotoCurves& photo : photos) {
    for (const double score : kScores) {
      const QualityTarget target{.score = score};
      QualityForecast forecast(fit);
      bool knows[kQualityScales] = {};
      for (const std::uint32_t long_side : kLongSides) {
        for (const QualityScale scale : {webp, QualityScale::kAvif}) {
          const Curve* const curve = photo.find(scale, long_side);
          if (!curve) continue;
          const Curve* const half = photo.find(scale, long_side / 2);
          bool& knew = knows[static_cast<std::size_t>(scale)];
          if (!knew && half) sum.encodes += try_half(forecast, target, *half);
          knew = true;
          encode_one(forecast, target, *curve, sum);
        }
      }
    }
  }
  return sum;
}

}  // namespace tintype::bench
