#include "gateway/access/caller_limits.h"

#include <gtest/gtest.h>

#include <array>

namespace tintype {
namespace {

constexpr UnixMs kDayMs = 24 * 3600 * 1000;

class Limits : public testing::Test {
 protected:
  ManualClock clock{100 * kDayMs + 1000};
  CallerLimits limits{clock};
};

TEST_F(Limits, RequestsASecondWithABurstOfTwo) {
  const TokenLimits five{.requests_a_second = 5};
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(limits.admit("a", five, 0)) << i;
  const auto over = limits.admit("a", five, 0);
  ASSERT_TRUE(over);
  EXPECT_EQ(over->retry_after_s, 1);
  EXPECT_FALSE(limits.admit("b", five, 0)) << "another token's bucket is its own";
  clock.advance_ms(201);
  EXPECT_FALSE(limits.admit("a", five, 0));
  EXPECT_TRUE(limits.admit("a", five, 0));
  clock.advance_ms(3'600'000);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(limits.admit("a", five, 0)) << i;
  EXPECT_TRUE(limits.admit("a", five, 0)) << "an idle hour saves up no more than a burst";
}

TEST_F(Limits, SlowRatesSayWhenToComeAgain) {
  const TokenLimits slow{.requests_a_second = 0.1};
  EXPECT_FALSE(limits.admit("a", slow, 0));
  const auto over = limits.admit("a", slow, 0);
  ASSERT_TRUE(over);
  EXPECT_EQ(over->retry_after_s, 10);
  clock.advance_ms(10'000);
  EXPECT_FALSE(limits.admit("a", slow, 0));
}

TEST_F(Limits, BytesADayStartAnewAtMidnight) {
  const TokenLimits thousand{.bytes_a_day = 1000};
  EXPECT_FALSE(limits.admit("a", thousand, 1000));
  EXPECT_TRUE(limits.admit("a", thousand, 1001));
  limits.charge("a", 600);
  EXPECT_FALSE(limits.admit("a", thousand, 400));
  const auto over = limits.admit("a", thousand, 401);
  ASSERT_TRUE(over);
  EXPECT_EQ(over->retry_after_s, 24 * 3600);
  limits.charge("a", 1000);
  EXPECT_TRUE(limits.admit("a", thousand, 0));
  clock.advance_ms(kDayMs);
  EXPECT_FALSE(limits.admit("a", thousand, 1000));
}

TEST_F(Limits, JobsInFlightAreFreedWhenTheyEnd) {
  const TokenLimits two{.jobs_in_flight = 2};
  const auto none_is_over = [](JobId) { return false; };
  const JobId first = SortableId::make(1);
  ASSERT_FALSE(limits.reserve_job("a", two, none_is_over));
  limits.settle_jobs("a", std::array{first});
  ASSERT_FALSE(limits.reserve_job("a", two, none_is_over));
  EXPECT_TRUE(limits.reserve_job("a", two, none_is_over)) << "a reserved place is taken, too";
  limits.settle_jobs("a", {});
  ASSERT_FALSE(limits.reserve_job("a", two, none_is_over)) << "a request that made no job gives its place back";
  limits.settle_jobs("a", std::array{SortableId::make(2)});
  EXPECT_TRUE(limits.reserve_job("a", two, none_is_over));
  EXPECT_FALSE(limits.reserve_job("a", two, [&](JobId job) { return job == first; }));
}

}  // namespace
}  // namespace tintype
