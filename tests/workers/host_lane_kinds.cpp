// Lanes that need nothing but this machine's kernel.
#include <gtest/gtest.h>

#include "tests/workers/device/device_test_main.h"
#include "tests/workers/device/fake_engine.h"
#include "tests/workers/lane_kinds.h"
#include "workers/simulated/simulated_lane.h"

namespace tintype::testing {
namespace {

std::unique_ptr<Lane> make_simulated(int slots) {
  auto lane =
      make_simulated_lane({.slots = slots, .source = {.format = ImageFormat::kWebp, .width = 320, .height = 240}});
  EXPECT_TRUE(lane) << lane.error().to_string();
  return *std::move(lane);
}

std::unique_ptr<Lane> make_fake_device(int slots) { return make_device_lane_of("fake", slots); }

const EngineKind kEngines[] = {kFakeEngine};

constexpr LaneKind kKinds[] = {
    {"cpu", true, true, make_cpu_lane_of, file_ladder},
    {"simulated", false, true, make_simulated, file_ladder},
    {"fake_device", true, false, make_fake_device, coefficient_ladder},
};

}  // namespace

const std::span<const EngineKind> kEngineKinds = kEngines;
constinit const std::span<const LaneKind> kLaneKinds = kKinds;

}  // namespace tintype::testing
