#include "bench/contract_fit/fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <format>
#include <map>
#include <numeric>

#include "bench/contract_fit/simplex.h"
#include "core/quality/cholesky.h"

namespace tintype::bench {
namespace {

// Scores of files that nobody would keep, or that no photo reaches, say nothing.
constexpr double kLeastScore = 20, kMostScore = 100;
constexpr double kLeastCounted = 40, kLeastAverage = 50, kMostAverage = 95;

// score = a + b * (size - 10), by weighted least squares.
struct Line {
  double level = 0;
  double slope = 0;
};

struct Sample {
  double size = 0;  // log2 of the long side, less 10
  double score = 0;
};

Line weighted_line(std::span<const Sample> samples, std::span<const double> weights) {
  double w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto& [x, y] = samples[i];
    w += weights[i];
    wx += weights[i] * x;
    wy += weights[i] * y;
    wxx += weights[i] * x * x;
    wxy += weights[i] * x * y;
  }
  const double spread = w * wxx - wx * wx;
  const double slope = spread > 1e-9 * w * w ? (w * wxy - wx * wy) / spread : 0;
  return {(wy - slope * wx) / w, slope};
}

Line robust_line(std::span<const Sample> samples) {
  constexpr int kRounds = 8;
  constexpr double kFull = 4;  // points off that still count in full
  std::vector<double> weights(samples.size(), 1);
  Line line;
  for (int round = 0; round < kRounds; ++round) {
    line = weighted_line(samples, weights);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const double off = std::abs(samples[i].score - line.level - line.slope * samples[i].size);
      weights[i] = 1 / std::max(1.0, off / kFull);
    }
  }
  return line;
}

std::vector<QualityKnot> average_of(std::span<const PhotoCurves> photos, QualityScale scale) {
  std::map<int, std::vector<Sample>> by_quality;
  for (const PhotoCurves& photo : photos) {
    for (const Curve& curve : photo.curves) {
      if (curve.scale != scale) continue;
      for (const CurvePoint& point : curve.points)
        by_quality[point.quality].push_back(
            {std::log2(curve.long_side_px) - 10, std::clamp(point.score, kLeastScore, kMostScore)});
    }
  }
  std::vector<QualityKnot> knots;
  for (const auto& [quality, samples] : by_quality) {
    const Line line = robust_line(samples);
    knots.push_back({quality, line.level, line.slope});
  }
  return knots;
}

// A photo's surprises over the average.
struct Surprises {
  std::vector<AveragePlace> places;
  std::vector<double> values;
};

Surprises surprises_of(const PhotoCurves& photo, const ForecastFit& fit) {
  Surprises surprises;
  for (const Curve& curve : photo.curves) {
    for (const CurvePoint& point : curve.points) {
      const AveragePlace average = average_at(fit, curve.at(point.quality));
      if (average.score <= kLeastAverage || average.score >= kMostAverage || point.score <= kLeastCounted) continue;
      surprises.places.push_back(average);
      surprises.values.push_back(point.score - average.score);
    }
  }
  return surprises;
}

constexpr std::size_t kNumbers = 11;
using Logs = std::array<double, kNumbers>;

PhotoSpread spread_of(const Logs& logs) {
  const auto at = [&](std::size_t i) { return std::exp(logs[i]); };
  return {.photo = {at(0), at(1)},
          .size = {at(2), at(3)},
          .size_reach = at(4),
          .scale = {at(5), at(6)},
          .scale_reach = at(7),
          .own = at(8),
          .own_reach = at(9),
          .noise = at(10)};
}

// Less is likelier.
double unlikelihood(const PhotoSpread& spread, const Surprises& of) {
  constexpr double kMostSquares = 9;  // a photo like no other does not bend the rest
  const std::size_t count = of.values.size();
  if (count == 0) return 0;
  const Cholesky parts(count, spread.noise / 2, [&](std::size_t i, std::size_t j) {
    return covariance(spread, of.places[i], of.places[j]) + (i == j ? spread.noise : 0);
  });
  const std::vector<double> scaled = parts.half_solved(of.values);
  const double squares = std::inner_product(scaled.begin(), scaled.end(), scaled.begin(), 0.0);
  return std::min(squares, kMostSquares * static_cast<double>(count)) / 2 + parts.half_log_determinant();
}

PhotoSpread fit_spread(std::span<const PhotoCurves> photos, const ForecastFit& fit) {
  std::vector<Surprises> all;
  for (const PhotoCurves& photo : photos) all.push_back(surprises_of(photo, fit));
  Logs usual;
  std::ranges::transform(std::array{12.0, 3.0, 4.0, 1.0, 2.0, 4.0, 1.0, 2.0, 1.0, 6.0, 0.15}, usual.begin(),
                         [](double x) { return std::log(x); });
  const auto cost = [&](const Logs& logs) {
    double sum = 0;
    for (const Surprises& of : all) sum += unlikelihood(spread_of(logs), of);
    // What few photos leave open stays near what is usual.
    for (std::size_t i = 0; i < kNumbers; ++i)
      sum += 0.002 * static_cast<double>(photos.size()) * (logs[i] - usual[i]) * (logs[i] - usual[i]);
    return sum;
  };
  constexpr int kSteps = 500;
  return spread_of(least_by_simplex(usual, 0.7, kSteps, cost));
}

std::string knots_text(const std::vector<QualityKnot>& knots) {
  std::string text;
  for (const QualityKnot& knot : knots)
    text += std::format("{}{{{}, {:.1f}, {:.2f}}}", text.empty() ? "" : ", ", knot.quality, knot.score, knot.with_size);
  return text;
}

}  // namespace

ForecastFit fit_forecast(std::span<const PhotoCurves> photos) {
  ForecastFit fit;
  for (std::size_t scale = 0; scale < kQualityScales; ++scale)
    fit.average[scale] = average_of(photos, static_cast<QualityScale>(scale));
  fit.spread = fit_spread(photos, fit);
  return fit;
}

std::string source_text(const ForecastFit& fit) {
  const auto average = [&](QualityScale scale) { return knots_text(fit.average[static_cast<std::size_t>(scale)]); };
  const PhotoSpread& spread = fit.spread;
  const auto part = [](const ForecastPart& of) { return std::format("{{{:.2f}, {:.2f}}}", of.level, of.slope); };
  return std::format(
      R"(// Written by `bench/run contract-fit`, from photographs: docs/contract.md says which. Its tables stay as they are.
// clang-format off
#include "core/quality/forecast_fit.h"

namespace tintype {{

const ForecastFit& fitted_forecast() {{
  static const ForecastFit fit{{
      .average = {{{{
          // libwebp
          {{{}}},
          // our own
          {{{}}},
          // AVIF
          {{{}}},
      }}}},
      .spread = {{.photo = {},
                 .size = {},
                 .size_reach = {:.2f},
                 .scale = {},
                 .scale_reach = {:.2f},
                 .own = {:.3f},
                 .own_reach = {:.2f},
                 .noise = {:.3f}}},
  }};
  return fit;
}}

}}  // namespace tintype
)",
      average(QualityScale::kLibwebp), average(QualityScale::kTintype), average(QualityScale::kAvif),
      part(spread.photo), part(spread.size), spread.size_reach, part(spread.scale), spread.scale_reach, spread.own,
      spread.own_reach, spread.noise);
}

}  // namespace tintype::bench
