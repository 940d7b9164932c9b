#include "core/base/clock.h"

#include <gtest/gtest.h>

#include <ctime>

namespace tintype {
namespace {

TEST(ClockTest, SystemClockTellsTheTime) {
  const UnixMs before = static_cast<UnixMs>(std::time(nullptr)) * 1000;
  const UnixMs now = SystemClock().now_ms();
  EXPECT_GE(now, before - 1000);  // time() may lag the precise clock by a tick
  EXPECT_LE(now, before + 60'000);
}

TEST(ClockTest, SteadySecondsNeverGoBack) {
  const SystemClock clock;
  double last = clock.steady_seconds();
  for (int i = 0; i < 1000; ++i) {
    const double now = clock.steady_seconds();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(ClockTest, ManualClockMovesOnlyWhenTold) {
  ManualClock clock(5'000);
  EXPECT_EQ(clock.now_ms(), 5'000);
  const double before = clock.steady_seconds();
  clock.advance_ms(1'500);
  EXPECT_EQ(clock.now_ms(), 6'500);
  EXPECT_DOUBLE_EQ(clock.steady_seconds() - before, 1.5);
}

}  // namespace
}  // namespace tintype
