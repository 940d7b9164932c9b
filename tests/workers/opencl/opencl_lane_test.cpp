// The lane of an OpenCL device, whole: what it makes of photos, and what becomes of its tasks when the driver below
// goes wrong (fault_layer.cpp). On PoCL, where there is no other device.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <regex>
#include <string>
#include <thread>

#include "tests/codec/support/planar_photos.h"
#include "tests/workers/device/device_tasks.h"
#include "tests/workers/device/device_test_main.h"
#include "tests/workers/lane_tasks.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/device/device_lane.h"
#include "workers/opencl/opencl_engine.h"

namespace tintype {

const ChildMain testing::kChildMain = cpu_child_main;

namespace testing {
namespace {
const EngineKind kKinds[] = {kOpenClEngine};
}  // namespace
const std::span<const EngineKind> kEngineKinds = kKinds;
}  // namespace testing

namespace {

using namespace std::chrono_literals;
using namespace tintype::testing;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 18'000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

class OpenClLane : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string pattern = fs::temp_directory_path() / "tintype-opencl-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    fs::create_directory(folder_ + "/faults");
    setenv("OPENCL_FAULTS", (folder_ + "/faults").c_str(), 1);
    setenv("OPENCL_LAYERS", FAULT_LAYER, 1);
    devices_ = new Result<DeviceList>(list_devices(kThisProgram, "opencl", 60s));
  }
  static void TearDownTestSuite() {
    delete devices_;
    fs::remove_all(folder_);
  }

  void SetUp() override {
    ASSERT_TRUE(*devices_) << devices_->error().to_string();
    ASSERT_FALSE((*devices_)->found.empty()) << (*devices_)->reason;
    DeviceLaneConfig config;
    config.name = "opencl-0";
    config.engine = "opencl";
    config.device = (*devices_)->found.front();
    config.path = folder_ + "/programs";
    config.sessions = 2;
    config.first_pause = 10ms;
    config_ = config;
  }

  void make() {
    auto made = make_device_lane(config_, metrics_, log_);
    ASSERT_TRUE(made) << made.error().to_string();
    lane_ = *std::move(made);
    expect_ready();
  }
  void expect_ready() {
    ASSERT_TRUE(eventually([&] { return lane_->health().state == LaneState::kReady; })) << lane_->health().reason;
  }
  void expect_it_works() {
    expect_ready();
    const auto result = run_and_wait(*lane_, quick_device_task());
    EXPECT_TRUE(result) << result.error().to_string();
  }
  static void arm(const char* fault) { std::ofstream(folder_ + "/faults/" + fault) << "once"; }
  static bool has_happened(const char* fault) { return !fs::exists(folder_ + "/faults/" + fault); }
  Error error_of(Task task) {
    const auto result = run_and_wait(*lane_, std::move(task));
    EXPECT_FALSE(result);
    return result ? Error{} : result.error();
  }
  Result<TaskResult> on_cpu(const Task& task) {
    TT_ASSIGN(const auto cpu, make_cpu_lane({.slots = 1, .memory_bytes = 4ull << 30}, zygote(), metrics_, log_));
    return run_and_wait(*cpu, task);
  }

  static std::string folder_;
  static Result<DeviceList>* devices_;
  Metrics metrics_;
  Logger log_{LogLevel::kOff};
  DeviceLaneConfig config_;
  std::unique_ptr<Lane> lane_;
};

std::string OpenClLane::folder_;
Result<DeviceList>* OpenClLane::devices_ = nullptr;

// The remedy that is named when no driver is registered, done.
TEST_F(OpenClLane, ADriverThatIsNotRegisteredIsFoundByTheVariableNamed) {
  std::string library;
  for (const auto& entry : fs::directory_iterator("/etc/OpenCL/vendors"))
    if (std::ifstream registration(entry.path()); std::getline(registration, library)) break;
  ASSERT_FALSE(library.empty());
  const std::string none = folder_ + "/no-drivers";
  fs::create_directory(none);
  setenv("OPENCL_VENDOR_PATH", none.c_str(), 1);
  const auto without = list_devices(kThisProgram, "opencl", 60s);
  ASSERT_TRUE(without) << without.error().to_string();
  EXPECT_TRUE(without->found.empty());
  std::smatch variable;
  ASSERT_TRUE(std::regex_search(without->reason, variable, std::regex("set ([A-Z_]+)"))) << without->reason;
  setenv(variable[1].str().c_str(), library.c_str(), 1);
  const auto with = list_devices(kThisProgram, "opencl", 60s);
  unsetenv(variable[1].str().c_str());
  unsetenv("OPENCL_VENDOR_PATH");
  ASSERT_TRUE(with) << with.error().to_string();
  EXPECT_FALSE(with->found.empty()) << with->reason;
}

TEST_F(OpenClLane, MakesOfPhotosWhatTheCpuLaneMakes) {
  make();
  auto cpu = make_cpu_lane({.slots = 1, .memory_bytes = 4ull << 30}, zygote(), metrics_, log_);
  ASSERT_TRUE(cpu) << cpu.error().to_string();
  int compared = 0;
  const int looked_at = for_each_planar_photo(3, [&](const std::string& path, ByteView file, const SourceInfo& info) {
    if (std::max(info.width, info.height) < 640) return true;
    SCOPED_TRACE(path);
    Task entropy;
    entropy.source = in_shared_memory(file);
    entropy.steps = {EntropyDecodeStep{info, 640, DamagedPolicy::kRefuse, {}}};
    entropy.keep_pictures = {0};
    const auto coefficients = run_and_wait(**cpu, entropy);
    if (!coefficients && coefficients.error().code == ErrorCode::kUnsupported) return true;
    EXPECT_TRUE(coefficients);
    if (!coefficients) return false;
    const PictureShape shape = std::get<DecodeResult>(coefficients->steps[0].value).shape;
    Task task;
    task.inputs = {coefficients->steps[0].picture};
    task.steps = {ReconstructStep{{PictureRef::From::kInput, 0}, shape.width, shape.height, info.orientation, false}};
    for (const std::uint32_t divisor : {2u, 5u}) {
      const std::uint32_t width = shape.width / divisor, height = shape.height / divisor;
      task.steps.push_back(ResizeStep{{PictureRef::From::kStep, 0}, width, height, false});
      const auto picture = static_cast<std::uint32_t>(task.steps.size() - 1);
      task.keep_pictures.push_back(picture);
      const PlannedEncode encode{width, height, ImageFormat::kWebp, 75, 4, Encoder::kTintype};
      task.steps.push_back(EncodeStep{{PictureRef::From::kStep, picture}, encode, nullptr, true});
    }
    // A measured rung's picture is kept with full chroma.
    task.steps.push_back(ResizeStep{{PictureRef::From::kStep, 0}, shape.width / 4, shape.height / 4, true});
    task.keep_pictures.push_back(static_cast<std::uint32_t>(task.steps.size() - 1));
    const auto made = run_and_wait(*lane_, task), expected = run_and_wait(**cpu, task);
    EXPECT_TRUE(made) << made.error().to_string();
    EXPECT_TRUE(expected) << expected.error().to_string();
    if (made && expected) expect_equal_results(*made, *expected);
    return ++compared < 3;
  });
  if (looked_at < 0) GTEST_SKIP() << "TINTYPE_PHOTOS names no folder";
  EXPECT_GT(compared, 0);
}

TEST_F(OpenClLane, NothingIsReadBeforeTheDeviceIsKnownToBeDone) {
  make();
  Task task = quick_device_task();
  task.keep_pictures = {1};
  const auto made = run_and_wait(*lane_, task);
  ASSERT_TRUE(made) << made.error().to_string();
  std::ifstream early(folder_ + "/faults/early-read");
  std::string what;
  EXPECT_FALSE(std::getline(early, what)) << what;
}

TEST_F(OpenClLane, AFailedAllocationCostsOneTask) {
  make();
  arm("allocation");
  EXPECT_EQ(error_of(quick_device_task()).code, ErrorCode::kOutOfMemory);
  EXPECT_TRUE(has_happened("allocation"));
  expect_it_works();
  EXPECT_EQ(lane_->health().restarts, 0u);
}

TEST_F(OpenClLane, ALostDeviceIsOpenedAgain) {
  make();
  arm("lost");
  const Error error = error_of(quick_device_task());
  EXPECT_EQ(error.code, ErrorCode::kWorkerCrashed) << error.message;
  EXPECT_THAT(error.message, HasSubstr("was lost"));
  expect_it_works();
  EXPECT_THAT(metrics_.render(),
              HasSubstr("tintype_device_processes_lost_total{lane=\"opencl-0\",cause=\"device_lost\"} 1"));
}

TEST_F(OpenClLane, AHungDriverIsEndedWithItsProcess) {
  make();
  expect_it_works();  // PoCL compiles a kernel when it first runs
  arm("hang");
  Task task = quick_device_task();
  task.timeout = 4000ms;
  EXPECT_EQ(error_of(std::move(task)).code, ErrorCode::kTimedOut);
  EXPECT_TRUE(has_happened("hang"));
  expect_it_works();
}

TEST_F(OpenClLane, ADriverThatCrashesTakesNobodyElseAlong) {
  make();
  arm("crash");
  const Error error = error_of(quick_device_task());
  EXPECT_EQ(error.code, ErrorCode::kWorkerCrashed) << error.message;
  EXPECT_THAT(error.message, HasSubstr("SIGABRT"));
  expect_it_works();
}

TEST_F(OpenClLane, AProgramThatDoesNotBuildIsSaidAndTriedAgain) {
  config_.path = "";
  arm("build");
  make();
  EXPECT_TRUE(has_happened("build"));
  EXPECT_EQ(lane_->health().restarts, 1u);
  EXPECT_THAT(metrics_.render(), HasSubstr("cause=\"not_opened\"} 1"));
}

// What its check by sampling is for: nothing on the way notices.
TEST_F(OpenClLane, WrongBitsAreSeenByComparingWithTheCpu) {
  make();
  Task task = quick_device_task();
  task.keep_pictures = {1};
  const auto expected = on_cpu(task);
  ASSERT_TRUE(expected);
  std::string planes[2];
  for (const bool is_wrong : {false, true}) {
    if (is_wrong) arm("wrong-bits");
    const auto made = run_and_wait(*lane_, task);
    ASSERT_TRUE(made) << made.error().to_string();
    planes[is_wrong] = text_of(file_of(*made, 2).bytes) + bytes_of_picture(*made->steps[1].picture);
  }
  EXPECT_TRUE(has_happened("wrong-bits"));
  EXPECT_TRUE(planes[false] == text_of(file_of(*expected, 2).bytes) + bytes_of_picture(*expected->steps[1].picture));
  EXPECT_FALSE(planes[true] == planes[false]);

  arm("wrong-bits");
  const auto report = self_test_device(
      kThisProgram, {.engine = "opencl", .address = config_.device.address, .path = config_.path}, 240s);
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_FALSE(report->passed());
}

TEST_F(OpenClLane, NoTaskIsLostWhateverHappens) {
  make();
  constexpr int kTasksAFault = 8;
  for (const char* fault : {"allocation", "lost", "crash", "hang"}) {
    SCOPED_TRACE(fault);
    expect_it_works();
    arm(fault);
    std::vector<std::future<Result<TaskResult>>> results;
    for (int i = 0; i < kTasksAFault; ++i) {
      auto promise = std::make_shared<std::promise<Result<TaskResult>>>();
      results.push_back(promise->get_future());
      Task task = quick_device_task();
      task.timeout = 3000ms;
      lane_->submit(std::move(task), [promise](Result<TaskResult> result) { promise->set_value(std::move(result)); });
    }
    int failed = 0;
    for (auto& result : results) {
      ASSERT_EQ(result.wait_for(120s), std::future_status::ready);
      const auto answered = result.get();
      if (answered) continue;
      ++failed;
      EXPECT_THAT(answered.error().code, ::testing::AnyOf(ErrorCode::kOutOfMemory, ErrorCode::kWorkerCrashed,
                                                          ErrorCode::kTimedOut, ErrorCode::kUnavailable))
          << answered.error().message;
    }
    EXPECT_GE(failed, 1);
    EXPECT_TRUE(has_happened(fault));
  }
  expect_it_works();
}

}  // namespace
}  // namespace tintype
