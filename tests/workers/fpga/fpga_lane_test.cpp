// The lane of an emulated card, in its process: what it answers is the CPU lane's, and a card that hangs, fails, lies,
// has no room or vanishes costs the tasks that it touches, is counted, and is opened again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "kernels/hls/signatures.h"
#include "tests/workers/device/device_tasks.h"
#include "tests/workers/device/device_test_main.h"
#include "tests/workers/fpga/emulated_cards.h"
#include "tests/workers/lane_tasks.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/device/device_lane.h"
#include "workers/fpga/fpga_engine.h"
#include "workers/sandbox/sanitizers.h"

namespace tintype {

const ChildMain testing::kChildMain = cpu_child_main;

namespace testing {
namespace {
const EngineKind kKinds[] = {kFpgaEngine};
}  // namespace
const std::span<const EngineKind> kEngineKinds = kKinds;
}  // namespace testing

namespace {

using namespace std::chrono_literals;
using testing::EmulatedCards;
using ::testing::HasSubstr;
using testing::run_and_wait;

bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 3000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

// Far larger than a card needs, also under sanitizers.
Task ladder(JobId job = {1}) {
  Task task = testing::device_ladder_task(testing::coefficients_of({.width = 161, .height = 121}), {161, 80, 33}, job);
  task.timeout = 120s;
  return task;
}

class FpgaLane : public ::testing::Test {
 protected:
  FpgaLane() : log_(LogLevel::kOff) {}

  // A lane on the first of cards with these settings. What its process is given is what the next one is not.
  void make(const std::string& settings) {
    cards_.emplace(settings, 1);
    const auto listed = list_devices(kThisProgram, "fpga", 30s);
    ASSERT_TRUE(listed) << listed.error().to_string();
    ASSERT_FALSE(listed->found.empty()) << listed->reason;
    DeviceLaneConfig config;
    config.name = "fpga-0";
    config.engine = "fpga";
    config.device = listed->found[0];
    config.path = cards_->xclbin_path();
    config.first_pause = 10ms;
    config.rest = 200ms;
    auto made = make_device_lane(config, metrics_, log_);
    ASSERT_TRUE(made) << made.error().to_string();
    lane_ = *std::move(made);
    ASSERT_TRUE(eventually([&] { return is_ready(); })) << lane_->health().reason;
    setenv("TINTYPE_FPGA_EMULATION", "cards=1", 1);
  }

  bool is_ready() const { return lane_->health().state == LaneState::kReady; }
  void expect_it_works_again() {
    ASSERT_TRUE(eventually([&] { return is_ready(); })) << lane_->health().reason;
    const auto result = run_and_wait(*lane_, ladder());
    ASSERT_TRUE(result) << result.error().to_string();
    expect_the_cpus(*result);
  }
  void expect_the_cpus(const TaskResult& made) {
    if (!cpu_) {
      auto cpu = make_cpu_lane({.slots = 1, .memory_bytes = 2ull << 30}, testing::zygote(), metrics_, log_);
      ASSERT_TRUE(cpu) << cpu.error().to_string();
      cpu_ = *std::move(cpu);
    }
    const auto expected = run_and_wait(*cpu_, ladder());
    ASSERT_TRUE(expected) << expected.error().to_string();
    testing::expect_equal_results(made, *expected);
  }
  Error error_of(Task task) {
    const auto result = run_and_wait(*lane_, std::move(task));
    EXPECT_FALSE(result);
    return result ? Error{} : result.error();
  }

  Metrics metrics_;
  Logger log_;
  std::optional<EmulatedCards> cards_;
  std::unique_ptr<Lane> lane_, cpu_;
};

TEST_F(FpgaLane, AnswersWhatTheCpuLaneAnswers) {
  make("delay_us=500");
  EXPECT_EQ(lane_->info().kind, "fpga-emu");
  EXPECT_EQ(lane_->info().slots, 2);
  Task task = ladder();
  task.keep_pictures = {4, 0};
  ASSERT_TRUE(lane_->can_run(task));
  const auto on_card = run_and_wait(*lane_, task);
  ASSERT_TRUE(on_card) << on_card.error().to_string();
  EXPECT_NE(on_card->steps[4].picture, nullptr);
  EXPECT_NE(on_card->steps[0].picture, nullptr);
  task.keep_pictures.clear();
  const auto plain = run_and_wait(*lane_, std::move(task));
  ASSERT_TRUE(plain) << plain.error().to_string();
  expect_the_cpus(*plain);
  EXPECT_EQ(lane_->health().tasks_done, 2u);
  EXPECT_EQ(lane_->health().restarts, 0u);
}

TEST_F(FpgaLane, ACallThatFailsAtAnyStageLosesTheCardOnce) {
  for (std::size_t kernel = 1; kernel <= kernel_signatures().size(); ++kernel) {
    make("error=1,faulty_kernel=" + std::to_string(kernel));
    const std::string unit = "compute unit " + std::string(kernel_signatures()[kernel - 1].name) + "_1";
    const Error error = error_of(ladder());
    EXPECT_EQ(error.code, ErrorCode::kWorkerCrashed) << error.message;
    EXPECT_THAT(error.message, HasSubstr(unit + " ended with error"));
    expect_it_works_again();
    EXPECT_EQ(lane_->health().restarts, 1u);
    EXPECT_EQ(lane_->health().tasks_failed, 1u);
    EXPECT_EQ(lane_->health().tasks_done, 1u);
    lane_.reset();
  }
  EXPECT_THAT(metrics_.render(),
              HasSubstr("tintype_device_processes_lost_total{lane=\"fpga-0\",cause=\"device_lost\"}"));
}

TEST_F(FpgaLane, ACallThatHangsIsEndedWithItsProcess) {
  make("hang=3");
  Task task = ladder();
  task.timeout = kSanitized ? 10s : 1s;
  EXPECT_EQ(error_of(std::move(task)).code, ErrorCode::kTimedOut);
  expect_it_works_again();
  EXPECT_EQ(lane_->health().restarts, 1u);
}

TEST_F(FpgaLane, NoRoomOnTheCardCostsOneTaskAndNoProcess) {
  make("no_room=4");
  EXPECT_EQ(error_of(ladder()).code, ErrorCode::kOutOfMemory);
  expect_it_works_again();
  EXPECT_EQ(lane_->health().restarts, 0u);
  EXPECT_EQ(lane_->health().tasks_failed, 1u);
}

TEST_F(FpgaLane, AnAnswerThatCannotBeFailsItsTask) {
  make("flip=1,faulty_kernel=4");
  const auto result = run_and_wait(*lane_, ladder());
  if (!result) {
    EXPECT_THAT(result.error().message, HasSubstr("the device answered"));
    EXPECT_EQ(lane_->health().restarts, 0u);
  }
  expect_it_works_again();
}

// Pulled out, and put back.
TEST_F(FpgaLane, ACardThatIsGoneIsWaitedFor) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path plug = folder.path() + "/lib";
  std::filesystem::create_directory_symlink(TINTYPE_FPGA_EMULATION_FOLDER "/lib", plug);
  make("lose=2");
  setenv("XILINX_XRT", folder.path().c_str(), 1);
  std::filesystem::remove(plug);
  const Error error = error_of(ladder());
  EXPECT_EQ(error.code, ErrorCode::kWorkerCrashed) << error.message;
  ASSERT_TRUE(eventually([&] { return lane_->health().reason.find("without an emulated card") != std::string::npos; }))
      << lane_->health().reason;
  EXPECT_EQ(lane_->health().state, LaneState::kOutOfService);
  EXPECT_EQ(error_of(ladder()).code, ErrorCode::kUnavailable);
  std::filesystem::create_directory_symlink(TINTYPE_FPGA_EMULATION_FOLDER "/lib", plug);
  expect_it_works_again();
}

TEST_F(FpgaLane, ABusyCardAndAWrongXclbinSayTheirSentence) {
  const EmulatedCards cards("busy=1", 1);
  const auto busy =
      self_test_device(kThisProgram, {.engine = "fpga", .address = "0", .path = cards.xclbin_path()}, 30s);
  ASSERT_FALSE(busy);
  EXPECT_THAT(busy.error().message, HasSubstr("in use by another program"));
  const EmulatedCards free("", 1);
  testing::write_file(free.xclbin_path(), as_bytes("no xclbin"));
  const auto wrong =
      self_test_device(kThisProgram, {.engine = "fpga", .address = "0", .path = free.xclbin_path()}, 30s);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(wrong.error().message, HasSubstr("is no xclbin that can be read"));
}

}  // namespace
}  // namespace tintype
