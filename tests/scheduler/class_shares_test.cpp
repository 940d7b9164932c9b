#include "scheduler/class_shares.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

constexpr std::array<bool, 3> kAllWait = {true, true, true};

TEST(ClassShares, InteractiveGoesFirstWhenNothingWasServed) {
  const ClassShares shares({});
  EXPECT_EQ(shares.order(kAllWait)[0], JobClass::kInteractive);
  EXPECT_EQ(shares.order(kAllWait)[2], JobClass::kBulk);
}

TEST(ClassShares, EachClassThatWaitsGetsItsMinimum) {
  ClassShares shares({});
  std::array<double, 3> served{};
  for (int i = 0; i < 20'000; ++i) {
    const JobClass next = shares.order(kAllWait)[0];
    const double seconds = next == JobClass::kBulk ? 2.0 : 0.1;  // bulk tasks are long
    shares.charge(next, seconds);
    served[static_cast<std::size_t>(next)] += seconds;
  }
  const double total = served[0] + served[1] + served[2];
  EXPECT_NEAR(served[2] / total, 0.10, 0.02);
  EXPECT_NEAR(served[1] / total, 0.25, 0.02);
  EXPECT_NEAR(served[0] / total, 0.65, 0.04);
}

TEST(ClassShares, AnIdleClassSavesUpNoLongCredit) {
  ClassShares shares({});
  for (int i = 0; i < 10'000; ++i) shares.charge(JobClass::kInteractive, 1);
  double bulk_first = 0;  // seconds that bulk gets before interactive has its turn again
  while (shares.order({true, false, true})[0] == JobClass::kBulk) {
    shares.charge(JobClass::kBulk, 0.5);
    bulk_first += 0.5;
  }
  EXPECT_LE(bulk_first, 10);
  EXPECT_GT(bulk_first, 0);
}

TEST(ClassShares, AClassThatDoesNotWaitIsOwedNothing) {
  ClassShares shares({});
  shares.charge(JobClass::kInteractive, 100);
  EXPECT_EQ(shares.order({true, false, false})[0], JobClass::kInteractive);
}

}  // namespace
}  // namespace tintype
