#include "scheduler/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace tintype {
namespace {

using testing::HasSubstr;

constexpr double kNoDeadline = std::numeric_limits<double>::infinity();

PlanWay on_cpu(double work_seconds) { return {.name = "fused on cpu", .work_seconds = work_seconds}; }
PlanWay on_card(double wait_seconds, double work_seconds) {
  return {.name = "coefficients to fpga-0", .wait_seconds = wait_seconds, .work_seconds = work_seconds};
}

TEST(Placement, HasTwoWords) {
  EXPECT_EQ(placement_of("fastest").value(), Placement::kFastest);
  EXPECT_EQ(placement_of("devices-first").value(), Placement::kDevicesFirst);
  for (const char* word : {"", "Fastest", "devices", "cpu-first"}) {
    ASSERT_FALSE(placement_of(word));
    EXPECT_EQ(placement_of(word).error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(placement_of(word).error().message, HasSubstr("fastest or devices-first"));
  }
}

TEST(DevicesFirst, ADeviceThatIsSlowerDoesItAllTheSame) {
  const PlaceVerdict verdict = devices_first(on_cpu(0.1), on_card(0, 50), kNoDeadline);
  EXPECT_TRUE(verdict.is_for_device);
  EXPECT_EQ(verdict.reason, "devices come first");
}

TEST(DevicesFirst, ADeviceWithAFullQueueIsWaitedFor) {
  const PlaceVerdict verdict = devices_first(on_cpu(0.1), on_card(600, 1), kNoDeadline);
  EXPECT_TRUE(verdict.is_for_device);
  EXPECT_THAT(verdict.reason, HasSubstr("waited for: 600.00 s"));
}

TEST(DevicesFirst, WhatOthersLoseDoesNotCount) {
  PlanWay card = on_card(0, 1);
  card.delay_of_others_seconds = 1000;
  EXPECT_TRUE(devices_first(on_cpu(0.1), card, 10).is_for_device);
}

TEST(DevicesFirst, WhatNoDeviceCanDoIsTheCpus) {
  PlanWay card = on_card(0, 0);
  card.excluded = "fpga-0: out of service: the card was pulled out";
  const PlaceVerdict verdict = devices_first(on_cpu(100), card, kNoDeadline);
  EXPECT_FALSE(verdict.is_for_device);
  EXPECT_THAT(verdict.reason, HasSubstr("none can: fpga-0: out of service: the card was pulled out"));
}

TEST(DevicesFirst, ADeadlineThatTheDeviceWouldMissIsTheCpusToMeet) {
  const PlaceVerdict verdict = devices_first(on_cpu(2), on_card(8, 3), 10);
  EXPECT_FALSE(verdict.is_for_device);
  EXPECT_THAT(verdict.reason, HasSubstr("deadline is 10.00 s from now"));
  EXPECT_THAT(verdict.reason, HasSubstr("coefficients to fpga-0 would be done in 11.00 s, fused on cpu in 2.00 s"));
  EXPECT_TRUE(devices_first(on_cpu(2), on_card(8, 2), 10).is_for_device) << "just in time";
}

TEST(DevicesFirst, ADeadlineThatTheCpuWouldMissByMoreMovesNothing) {
  EXPECT_TRUE(devices_first(on_cpu(20), on_card(8, 3), 10).is_for_device);
  EXPECT_FALSE(devices_first(on_cpu(10.5), on_card(8, 3), 10).is_for_device) << "late, but less so";
  PlanWay cpu = on_cpu(1);
  cpu.excluded = "cpu: out of service";
  EXPECT_TRUE(devices_first(cpu, on_card(8, 3), 10).is_for_device);
}

}  // namespace
}  // namespace tintype
