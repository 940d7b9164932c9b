#include "core/base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <thread>
#include <vector>

#include "core/base/metric_names.h"

namespace tintype {
namespace {

using ::testing::HasSubstr;

TEST(MetricsTest, RendersTheExpositionFormatSortedByName) {
  Metrics metrics;
  metrics.gauge(metric::kStoreFreeBytes).set(1024);
  metrics.counter(metric::kJobsFinished, label({{"class", "bulk"}, {"result", "done"}})).add(3);
  metrics.counter(metric::kJobsFinished, label({{"class", "bulk"}, {"result", "failed"}})).add();
  const std::string text = metrics.render();
  const std::size_t jobs = text.find(
      "# HELP tintype_jobs_finished_total Jobs that ended, by class and result\n"
      "# TYPE tintype_jobs_finished_total counter\n"
      "tintype_jobs_finished_total{class=\"bulk\",result=\"done\"} 3\n"
      "tintype_jobs_finished_total{class=\"bulk\",result=\"failed\"} 1\n"
      "# HELP ");
  const std::size_t store = text.find(
      "# HELP tintype_store_free_bytes Free space under the store\n"
      "# TYPE tintype_store_free_bytes gauge\n"
      "tintype_store_free_bytes 1024\n");
  EXPECT_NE(store, std::string::npos) << text;
  EXPECT_LT(jobs, store) << text;
}

TEST(MetricsTest, WhatHasNoValueYetIsNamedAllTheSame) {
  EXPECT_THAT(Metrics().render(), HasSubstr("# TYPE tintype_job_seconds histogram\n# HELP "));
}

TEST(MetricsTest, TheSameNameAndLabelsAreTheSameMetric) {
  Metrics metrics;
  Counter& first = metrics.counter(metric::kTasks, label({{"lane", "cpu"}}));
  metrics.counter(metric::kTasks, label({{"lane", "gpu"}})).add(5);
  metrics.counter(metric::kTasks, label({{"lane", "cpu"}})).add(2);
  EXPECT_EQ(first.value(), 2);
}

TEST(MetricsTest, HistogramBoundsDoubleFromHalfAMillisecondToAMinute) {
  EXPECT_DOUBLE_EQ(Histogram::upper_bound(0), 0.0005);
  for (int i = 1; i < Histogram::kBuckets - 1; ++i) {
    EXPECT_DOUBLE_EQ(Histogram::upper_bound(i), 2 * Histogram::upper_bound(i - 1));
  }
  EXPECT_DOUBLE_EQ(Histogram::upper_bound(Histogram::kBuckets - 2), 65.536);
  EXPECT_TRUE(std::isinf(Histogram::upper_bound(Histogram::kBuckets - 1)));
}

TEST(MetricsTest, HistogramBoundsBelongToTheirBucket) {
  Histogram histogram;
  histogram.observe(0.0005);
  histogram.observe(0.00051);
  histogram.observe(1e9);
  EXPECT_EQ(histogram.count(0), 1u);
  EXPECT_EQ(histogram.count(1), 1u);
  EXPECT_EQ(histogram.count(Histogram::kBuckets - 1), 1u);
  EXPECT_DOUBLE_EQ(histogram.sum(), 1e9 + 0.00101);
}

TEST(MetricsTest, HistogramRendersCumulativeBuckets) {
  Metrics metrics;
  Histogram& histogram = metrics.histogram(metric::kTaskSeconds, label({{"lane", "cpu"}}));
  histogram.observe(0.000244140625);  // exact in binary, so that the sum is
  histogram.observe(0.0009765625);
  histogram.observe(100);
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("# TYPE tintype_task_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr("tintype_task_seconds_bucket{lane=\"cpu\",le=\"0.0005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("tintype_task_seconds_bucket{lane=\"cpu\",le=\"0.001\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("tintype_task_seconds_bucket{lane=\"cpu\",le=\"65.536\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("tintype_task_seconds_bucket{lane=\"cpu\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("tintype_task_seconds_sum{lane=\"cpu\"} 100.001220703125\n"));
  EXPECT_THAT(text, HasSubstr("tintype_task_seconds_count{lane=\"cpu\"} 3\n"));
}

TEST(MetricsTest, ABareHistogramHasOnlyItsBounds) {
  Metrics metrics;
  metrics.histogram(metric::kHttpSeconds).observe(1);
  EXPECT_THAT(metrics.render(), HasSubstr("tintype_http_request_seconds_bucket{le=\"+Inf\"} 1\n"));
}

TEST(MetricsTest, LabelsAreEscaped) {
  EXPECT_EQ(label({}), "");
  EXPECT_EQ(label({{"path", "a\"b\\c\nd"}}), R"({path="a\"b\\c\nd"})");
}

TEST(MetricsTest, ThreadsLoseNothing) {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) {
          metrics.counter(metric::kTasks).add();
          metrics.histogram(metric::kJobSeconds).observe(0.5);
          if (i % 100 == 0) metrics.render();
        }
      });
    }
  }
  EXPECT_EQ(metrics.counter(metric::kTasks).value(), 4000);
  EXPECT_DOUBLE_EQ(metrics.histogram(metric::kJobSeconds).sum(), 2000);
}

TEST(MetricsTest, EveryNameIsListedOnceWithItsMeaning) {
  std::set<std::string_view> names;
  for (const metric::Described& entry : metric::kAll) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_TRUE(entry.name.starts_with("tintype_")) << entry.name;
    EXPECT_FALSE(entry.help.empty()) << entry.name;
  }
}

TEST(MetricsDeathTest, AnUnlistedNameIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Metrics metrics;
  EXPECT_DEATH(metrics.counter("tintype_surprise_total"), "not in metric_names.h");
}

}  // namespace
}  // namespace tintype
