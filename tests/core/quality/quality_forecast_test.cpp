// The forecast as photos are on average, and as one turns out to be.
#include "core/quality/quality_forecast.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tintype {
namespace {

constexpr QualityScale kScales[] = {QualityScale::kLibwebp, QualityScale::kTintype, QualityScale::kAvif};

TEST(QualityForecast, TheAveragePhotoGetsBetterWithQuality) {
  const QualityForecast nothing;
  EXPECT_TRUE(nothing.knows_nothing());
  for (const QualityScale scale : kScales) {
    for (const double side : {1.0, 100.0, 512.0, 2048.0, 4000.0, 60000.0}) {
      double before = -1000;
      for (int quality = 0; quality <= 100; ++quality) {
        const double score = nothing.score_at({scale, side, quality});
        ASSERT_TRUE(std::isfinite(score));
        EXPECT_GT(score, before) << side << " " << quality;
        before = score;
      }
    }
  }
}

TEST(QualityForecast, WhatWasMeasuredIsBelieved) {
  QualityForecast forecast;
  forecast.learn({QualityScale::kLibwebp, 2048, 75}, 60);
  EXPECT_NEAR(forecast.score_at({QualityScale::kLibwebp, 2048, 75}), 60, 0.5);
  forecast.learn({QualityScale::kLibwebp, 2048, 85}, 74);
  EXPECT_NEAR(forecast.score_at({QualityScale::kLibwebp, 2048, 75}), 60, 0.5);
  EXPECT_NEAR(forecast.score_at({QualityScale::kLibwebp, 2048, 85}), 74, 0.5);
  const double between = forecast.score_at({QualityScale::kLibwebp, 2048, 80});
  EXPECT_GT(between, 62);
  EXPECT_LT(between, 72);
}

// A photo that is hard for one size or format is so for the others, but the less the farther they are.
TEST(QualityForecast, OtherSizesAndFormatsFollow) {
  QualityForecast forecast;
  const QualityForecast nothing;
  const QualityPlace here{QualityScale::kLibwebp, 2048, 75};
  forecast.learn(here, nothing.score_at(here) - 8);
  const auto drop = [&](const QualityPlace& place) { return nothing.score_at(place) - forecast.score_at(place); };
  EXPECT_NEAR(drop(here), 8, 0.5);
  EXPECT_GT(drop({QualityScale::kLibwebp, 1024, 75}), 2);
  EXPECT_LT(drop({QualityScale::kLibwebp, 1024, 75}), drop(here));
  EXPECT_GT(drop({QualityScale::kAvif, 2048, 48}), 1);
  EXPECT_LT(drop({QualityScale::kAvif, 2048, 48}), drop(here));
  EXPECT_LT(drop({QualityScale::kLibwebp, 512, 75}), drop({QualityScale::kLibwebp, 1024, 75}));
}

TEST(QualityForecast, AnswersWithinBoundsWhatIsNearest) {
  QualityForecast forecast;
  for (const QualityScale scale : kScales) {
    EXPECT_EQ(forecast.quality_for(-50, scale, 1024, 5, 98), 5);
    EXPECT_EQ(forecast.quality_for(100, scale, 1024, 5, 90), 90);
    const int quality = forecast.quality_for(75, scale, 1024, 5, 98);
    const auto gap = [&](int at) { return std::abs(forecast.score_at({scale, 1024, at}) - 75); };
    EXPECT_LE(gap(quality), gap(quality - 1));
    EXPECT_LE(gap(quality), gap(quality + 1));
  }
}

TEST(QualityForecast, TheSameAgainAndNonsenseStayFinite) {
  QualityForecast forecast;
  for (int i = 0; i < 12; ++i) forecast.learn({QualityScale::kAvif, 1024, 50}, 71);
  forecast.learn({QualityScale::kAvif, 1024, 51}, -400);
  for (const int quality : {0, 50, 51, 100})
    EXPECT_TRUE(std::isfinite(forecast.score_at({QualityScale::kAvif, 1024, quality})));
}

}  // namespace
}  // namespace tintype
