// The search on made-up encoders. With real ones: tests/codec/quality_contract_test.cpp and `bench/run contract`.
#include "core/quality/quality_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

namespace tintype {
namespace {

using Curve = std::function<double(int quality)>;

SearchOutcome run(QualitySearch& search, const Curve& curve) {
  while (const auto quality = search.next()) {
    search.tell({*quality, curve(*quality), static_cast<std::uint64_t>(1000 + *quality), 0.1});
    if (search.probes().size() > 20) ADD_FAILURE() << "it does not end";
    if (search.probes().size() > 20) break;
  }
  return search.outcome();
}

TEST(QualitySearch, AGoodPredictionTakesOneProbe) {
  QualitySearch search({}, {75, 0.6});
  const SearchOutcome outcome = run(search, [](int q) { return 70 + 0.6 * (q - 75); });
  EXPECT_TRUE(outcome.reached());
  EXPECT_EQ(outcome.kept.quality, 75);
  EXPECT_EQ(search.probes().size(), 1u);
}

TEST(QualitySearch, ARightSlopeTakesTwo) {
  QualitySearch search({}, {60, 0.6});
  EXPECT_TRUE(run(search, [](int q) { return 70 + 0.6 * (q - 75); }).reached());
  EXPECT_EQ(search.probes().size(), 2u);
}

// Curves like those of real encoders: steep at first, flat later, wherever the prediction lies.
TEST(QualitySearch, ReachesEveryConcaveCurveWithFewProbes) {
  double probes = 0, near_probes = 0;
  int runs = 0, near_runs = 0;
  for (const double height : {85.0, 92.0, 97.0}) {
    for (const double bend : {14.0, 22.0, 30.0}) {
      for (int start = 40; start <= 95; start += 5) {
        const Curve curve = [&](int q) { return height - 120 * std::exp(-q / bend); };
        if (curve(98) < 71 || curve(5) > 70) continue;
        QualitySearch search({.max_probes = 9}, {start, 0.7});
        const SearchOutcome outcome = run(search, curve);
        // Where the curve is steeper than the band is wide, there may be no such quality.
        EXPECT_TRUE(outcome.reached() || outcome.end == SearchEnd::kBetweenSteps)
            << height << " " << bend << " " << start << " " << search_end_name(outcome.end);
        probes += static_cast<double>(search.probes().size());
        ++runs;
        // As near as a sample of the picture brings it.
        if (std::abs(start - outcome.kept.quality) > 6) continue;
        near_probes += static_cast<double>(search.probes().size());
        ++near_runs;
      }
    }
  }
  EXPECT_GT(runs, 50);
  EXPECT_LT(probes / runs, 5);
  EXPECT_GT(near_runs, 10);
  EXPECT_LT(near_probes / near_runs, 2.5);
}

TEST(QualitySearch, SaysWhyATargetCannotBeMet) {
  QualitySearch low({}, {75, 0.6});
  const SearchOutcome best = run(low, [](int q) { return 50 + 0.1 * q; });
  EXPECT_EQ(best.end, SearchEnd::kBestIsTooLow);
  EXPECT_EQ(best.kept.quality, QualityTarget{}.highest_quality);

  QualitySearch high({}, {75, 0.6});
  const SearchOutcome worst = run(high, [](int q) { return 90 + 0.05 * q; });
  EXPECT_EQ(worst.end, SearchEnd::kWorstIsTooGood);
  EXPECT_EQ(worst.kept.quality, QualityTarget{}.lowest_quality);

  QualitySearch cliff({}, {50, 0.6});
  const SearchOutcome between = run(cliff, [](int q) { return q < 61 ? 60.0 : 80.0; });
  EXPECT_EQ(between.end, SearchEnd::kBetweenSteps);
  EXPECT_EQ(between.kept.quality, 61) << "too good rather than too bad";
}

TEST(QualitySearch, NeverTriesAQualityTwiceNorLeavesItsBounds) {
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    std::vector<double> scores;
    std::uniform_real_distribution<double> any(20, 100);
    for (int q = 0; q <= 100; ++q) scores.push_back(any(random));  // no curve at all
    QualityTarget target;
    target.lowest_quality = 30;
    target.highest_quality = 90;
    target.max_probes = 12;
    QualitySearch search(target, {static_cast<int>(any(random)), 0.5});
    run(search, [&](int q) { return scores[static_cast<std::size_t>(q)]; });
    std::vector<int> tried;
    for (const Probe& probe : search.probes()) tried.push_back(probe.quality);
    std::ranges::sort(tried);
    EXPECT_EQ(std::ranges::adjacent_find(tried), tried.end());
    EXPECT_GE(tried.front(), 30);
    EXPECT_LE(tried.back(), 90);
    EXPECT_LE(tried.size(), 12u);
  }
}

TEST(QualitySearch, StopsWhenProbesAreUsedUp) {
  QualityTarget target;
  target.max_probes = 2;
  QualitySearch search(target, {10, 4});
  const SearchOutcome outcome = run(search, [](int q) { return 40 + 0.35 * q; });
  EXPECT_EQ(search.probes().size(), 2u);
  EXPECT_EQ(outcome.end, SearchEnd::kOutOfProbes);
}

}  // namespace
}  // namespace tintype
