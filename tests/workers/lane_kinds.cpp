#include "tests/workers/lane_kinds.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <utility>

#include "core/base/metrics.h"
#include "tests/workers/device/device_tasks.h"
#include "tests/workers/lane_tasks.h"
#include "tests/workers/zygote_test_main.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/device/device_lane.h"

namespace tintype {

const ChildMain testing::kChildMain = cpu_child_main;

namespace testing {

std::unique_ptr<Lane> make_cpu_lane_of(int slots) {
  static Metrics metrics;
  auto lane = make_cpu_lane({.slots = slots, .memory_bytes = 4ull << 30}, zygote(), metrics, quiet_log());
  EXPECT_TRUE(lane) << lane.error().to_string();
  return *std::move(lane);
}

Task file_ladder(const std::vector<std::uint32_t>& widths, JobId job) {
  static const Bytes photo = make_webp_photo(320, 240);
  return ladder_task(photo, widths, job);
}

Task coefficient_ladder(const std::vector<std::uint32_t>& widths, JobId job) {
  static const PictureHandle photo = coefficients_of({.width = 320, .height = 240});
  return device_ladder_task(photo, widths, job);
}

std::unique_ptr<Lane> make_device_lane_of(const char* engine, int slots, const std::string& path) {
  static Metrics metrics;
  static const auto devices = list_devices(kThisProgram, engine, std::chrono::seconds(60));
  EXPECT_TRUE(devices && !devices->found.empty()) << (devices ? devices->reason : devices.error().to_string());
  if (!devices || devices->found.empty()) return nullptr;
  DeviceLaneConfig config;
  config.name = std::string(engine) + "-0";
  config.engine = engine;
  config.device = devices->found.front();
  config.path = path;
  config.sessions = slots;
  auto lane = make_device_lane(config, metrics, quiet_log());
  EXPECT_TRUE(lane) << lane.error().to_string();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(4);
  while ((*lane)->health().state != LaneState::kReady && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return *std::move(lane);
}

}  // namespace testing
}  // namespace tintype
