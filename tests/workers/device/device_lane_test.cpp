// The lane of a device, with a device that misbehaves as asked: whatever it does, every task is answered once, rightly,
// and the lane comes back.
#include "workers/device/device_lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tests/workers/device/device_tasks.h"
#include "tests/workers/device/device_test_main.h"
#include "tests/workers/device/fake_engine.h"
#include "tests/workers/lane_tasks.h"
#include "workers/cpu/cpu_lane.h"

namespace tintype {

const ChildMain testing::kChildMain = cpu_child_main;

namespace testing {
namespace {
const EngineKind kKinds[] = {kFakeEngine};
}  // namespace
const std::span<const EngineKind> kEngineKinds = kKinds;
}  // namespace testing

namespace {

using namespace std::chrono_literals;
using testing::fake_device;
using ::testing::HasSubstr;
using testing::ill_device_task;
using testing::quick_device_task;
using testing::run_and_wait;

// Processes of this one that have a device.
std::vector<int> device_processes() {
  std::vector<int> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (!std::isdigit(static_cast<unsigned char>(name[0]))) continue;
    std::ifstream comm(entry.path() / "comm");
    std::string text;
    std::getline(comm, text);
    const int pid = std::stoi(name);
    if (text == "tintype-device" && testing::parent_of(pid) == getpid()) found.push_back(pid);
  }
  return found;
}

bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 2000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

class DeviceLaneTest : public ::testing::Test {
 protected:
  DeviceLaneTest() : log_(LogLevel::kOff) {
    config_.name = "fake-0";
    config_.engine = "fake";
    config_.device = fake_device();
    config_.first_pause = 10ms;
    config_.rest = 400ms;
    config_.failures_before_rest = 3;
  }
  ~DeviceLaneTest() override {
    lane_.reset();
    EXPECT_THAT(device_processes(), ::testing::IsEmpty()) << "left behind";
    std::filesystem::remove(openings_);
  }

  void make() {
    auto made = make_device_lane(config_, metrics_, log_);
    ASSERT_TRUE(made) << made.error().to_string();
    lane_ = *std::move(made);
  }
  bool is_ready() const { return lane_->health().state == LaneState::kReady; }
  void make_and_wait() {
    make();
    ASSERT_TRUE(eventually([&] { return is_ready(); })) << lane_->health().reason;
  }

  std::future<Result<TaskResult>> submit(Task task) {
    auto promise = std::make_shared<std::promise<Result<TaskResult>>>();
    auto future = promise->get_future();
    lane_->submit(std::move(task), [promise](Result<TaskResult> result) { promise->set_value(std::move(result)); });
    return future;
  }
  Error error_of(Task task) {
    const auto result = run_and_wait(*lane_, std::move(task));
    EXPECT_FALSE(result);
    return result ? Error{} : result.error();
  }
  void expect_it_works_again() {
    ASSERT_TRUE(eventually([&] { return is_ready(); })) << lane_->health().reason;
    const auto result = run_and_wait(*lane_, quick_device_task());
    EXPECT_TRUE(result) << result.error().to_string();
  }
  int openings() const {
    std::ifstream in(openings_);
    int count = 0;
    for (std::string line; std::getline(in, line);) ++count;
    return count;
  }

  Metrics metrics_;
  Logger log_;
  DeviceLaneConfig config_;
  std::unique_ptr<Lane> lane_;
  const std::string openings_ =
      std::filesystem::temp_directory_path() / ("tintype-openings-" + std::to_string(getpid()));
};

TEST_F(DeviceLaneTest, DescribesItsDevice) {
  make_and_wait();
  EXPECT_EQ(lane_->info().name, "fake-0");
  EXPECT_EQ(lane_->info().kind, "fake");
  EXPECT_THAT(lane_->info().device, HasSubstr("a device that is none"));
  EXPECT_EQ(lane_->info().slots, 2);
  EXPECT_EQ(lane_->info().memory_bytes, 3ull << 30);
}

TEST_F(DeviceLaneTest, AnswersWhatTheCpuLaneAnswers) {
  make_and_wait();
  auto cpu = make_cpu_lane({.slots = 1, .memory_bytes = 2ull << 30}, testing::zygote(), metrics_, log_);
  ASSERT_TRUE(cpu) << cpu.error().to_string();
  Task task = testing::device_ladder_task(testing::coefficients_of({.width = 161, .height = 121}), {161, 80, 33});
  task.keep_pictures = {4, 0};
  auto metadata = std::make_shared<EmbeddedMetadata>();
  metadata->exif = Bytes::copy_of(as_bytes("some EXIF"));
  std::get<EncodeStep>(task.steps.back()).metadata = metadata;
  std::get<EncodeStep>(task.steps.back()).wants_thumbhash = true;
  ASSERT_TRUE(lane_->can_run(task));
  const auto on_device = run_and_wait(*lane_, task), on_cpu = run_and_wait(**cpu, task);
  ASSERT_TRUE(on_device) << on_device.error().to_string();
  ASSERT_TRUE(on_cpu) << on_cpu.error().to_string();
  testing::expect_equal_results(*on_device, *on_cpu);
  EXPECT_FALSE(testing::file_of(*on_device, task.steps.size() - 1).thumbhash.empty());
}

TEST_F(DeviceLaneTest, AProcessThatCrashesCostsItsTasksAndNoMore) {
  make_and_wait();
  const Error error = error_of(ill_device_task("crash"));
  EXPECT_EQ(error.code, ErrorCode::kWorkerCrashed);
  EXPECT_THAT(error.message, HasSubstr("exit 7"));
  expect_it_works_again();
  EXPECT_EQ(lane_->health().restarts, 1u);
  EXPECT_THAT(metrics_.render(), HasSubstr("tintype_device_processes_lost_total{lane=\"fake-0\",cause=\"crashed\"} 1"));
}

TEST_F(DeviceLaneTest, ALostDeviceIsOpenedAgain) {
  make_and_wait();
  const Error error = error_of(ill_device_task("lost"));
  EXPECT_EQ(error.code, ErrorCode::kWorkerCrashed);
  EXPECT_THAT(error.message, HasSubstr("fell off its bus"));
  expect_it_works_again();
  EXPECT_THAT(metrics_.render(), HasSubstr("cause=\"device_lost\"} 1"));
}

TEST_F(DeviceLaneTest, AHungTaskTimesOutAndItsNeighbourIsToBeTriedElsewhere) {
  make_and_wait();
  Task hangs = ill_device_task("hang", JobId{1});
  hangs.timeout = 300ms;
  auto hung = submit(std::move(hangs)), neighbour = submit(ill_device_task("hang", JobId{2}));
  const auto first = hung.get(), second = neighbour.get();
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, ErrorCode::kTimedOut);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable) << second.error().message;
  expect_it_works_again();
}

TEST_F(DeviceLaneTest, OutOfMemoryCostsOneTaskAndNoProcess) {
  make_and_wait();
  const std::vector<int> before = device_processes();
  EXPECT_EQ(error_of(ill_device_task("out of memory")).code, ErrorCode::kOutOfMemory);
  EXPECT_TRUE(run_and_wait(*lane_, quick_device_task()));
  EXPECT_EQ(device_processes(), before);
  EXPECT_EQ(lane_->health().restarts, 0u);
}

// A picture whose bytes cannot be had any more.
class LostPicture final : public Picture {
 public:
  explicit LostPicture(const PictureShape& shape) : shape_(shape) {}
  const PictureShape& shape() const override { return shape_; }
  Residence residence() const override { return Residence::kDevice; }
  Result<int> host_fd() const override { return fail(ErrorCode::kIo, "the other device lost the picture"); }

 private:
  const PictureShape shape_;
};

TEST_F(DeviceLaneTest, ATaskThatCannotBeHandedOverLeavesItsSessionAsItWas) {
  config_.sessions = 1;
  config_.task_timeout = 20s;
  make_and_wait();
  for (int round = 0; round < 2; ++round) {
    // Larger each time, so that it wants more shared memory than there is.
    const std::uint32_t side = round == 0 ? 160 : 4000;
    const PictureShape shape{side, side, PixelLayout::kJpegCoefficients};
    const Error error = error_of(testing::device_ladder_task(std::make_shared<LostPicture>(shape), {side}));
    EXPECT_EQ(error.code, ErrorCode::kIo);
    EXPECT_THAT(error.message, HasSubstr("lost the picture"));
    const auto next = run_and_wait(*lane_, quick_device_task());
    EXPECT_TRUE(next) << next.error().to_string();
  }
  EXPECT_EQ(lane_->health().restarts, 0u);
}

TEST_F(DeviceLaneTest, AProcessKilledFromOutsideIsNoFaultOfTheTasks) {
  make_and_wait();
  auto result = submit(ill_device_task("hang"));
  const std::vector<int> processes = device_processes();
  ASSERT_EQ(processes.size(), 1u);
  std::this_thread::sleep_for(100ms);
  kill(processes[0], SIGKILL);
  const auto answered = result.get();
  ASSERT_FALSE(answered);
  EXPECT_EQ(answered.error().code, ErrorCode::kUnavailable) << answered.error().message;
  expect_it_works_again();
}

TEST_F(DeviceLaneTest, AnswersThatCannotBeAreCaught) {
  make_and_wait();
  EXPECT_EQ(error_of(ill_device_task("another size")).code, ErrorCode::kWorkerLied);
  expect_it_works_again();
}

TEST_F(DeviceLaneTest, ADeviceThatDoesNotOpenIsOutOfServiceAndSaysWhy) {
  config_.path = "refuse:" + openings_;
  make();
  ASSERT_TRUE(eventually([&] { return openings() >= config_.failures_before_rest; }));
  ASSERT_TRUE(eventually([&] { return lane_->health().restarts >= 3; }));
  const LaneHealth health = lane_->health();
  EXPECT_EQ(health.state, LaneState::kOutOfService);
  EXPECT_THAT(health.reason, HasSubstr("not plugged in"));
  // The third failure's, unless this thread was held up for longer than the rest.
  EXPECT_THAT(health.reason, HasSubstr("it is started again in 400 ms, after "));
  EXPECT_THAT(health.reason, HasSubstr(std::to_string(health.restarts) + " failures in a row"));
  const Error error = error_of(quick_device_task());
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("not plugged in"));
  // It rests, then it is tried again.
  ASSERT_TRUE(eventually([&] { return openings() >= 4; }));
}

TEST_F(DeviceLaneTest, AProcessThatDiesWhileItOpensIsStartedAgain) {
  config_.path = "crash once:" + openings_;
  make();
  expect_it_works_again();
  EXPECT_EQ(openings(), 2);
}

TEST_F(DeviceLaneTest, ADriverThatHangsWhileItOpensIsEnded) {
  config_.path = "hang";
  config_.start_timeout = 200ms;
  make();
  ASSERT_TRUE(eventually([&] { return lane_->health().restarts >= 2; }));
  EXPECT_THAT(lane_->health().reason, HasSubstr("was not open within 200 ms"));
  EXPECT_EQ(lane_->health().state, LaneState::kOutOfService);
}

TEST_F(DeviceLaneTest, AWrongResultTakesItOutForGood) {
  config_.path = "fine:" + openings_;
  make_and_wait();
  auto running = submit(ill_device_task("hang"));
  lane_->take_out_of_service("file 3 of job 7 was not the reference's");
  const auto result = running.get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
  const Error error = error_of(quick_device_task());
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("was not the reference's"));
  std::this_thread::sleep_for(config_.rest + 100ms);
  EXPECT_EQ(lane_->health().state, LaneState::kOutOfService);
  EXPECT_THAT(device_processes(), ::testing::IsEmpty());
  EXPECT_EQ(openings(), 1);
}

TEST_F(DeviceLaneTest, ACancelledTaskIsAnsweredAtOnceAndItsSessionGoesOn) {
  config_.sessions = 1;
  make_and_wait();
  auto cancelled = submit(ill_device_task("slow", JobId{7}));
  auto other = submit(quick_device_task(JobId{8}));
  lane_->cancel(JobId{7});
  const auto result = cancelled.get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(other.get());
  EXPECT_EQ(lane_->health().restarts, 0u);
}

TEST_F(DeviceLaneTest, EveryTaskIsAnsweredWhenTheLaneGoes) {
  make_and_wait();
  std::vector<std::future<Result<TaskResult>>> results;
  for (int i = 0; i < 6; ++i) results.push_back(submit(ill_device_task("hang")));
  lane_.reset();
  for (auto& result : results) {
    const auto answered = result.get();
    ASSERT_FALSE(answered);
    EXPECT_EQ(answered.error().code, ErrorCode::kCancelled);
  }
}

TEST_F(DeviceLaneTest, RefusesWhatADeviceCannotDo) {
  make_and_wait();
  const Task good = quick_device_task();
  EXPECT_TRUE(lane_->can_run(good));
  const auto refuses = [&](const char* what, const std::function<void(Task&)>& change) {
    Task task = good;
    change(task);
    EXPECT_FALSE(lane_->can_run(task)) << what;
  };
  const auto encode = [](Task& task) -> EncodeStep& { return std::get<EncodeStep>(task.steps.back()); };
  refuses("AVIF", [&](Task& task) { encode(task).encode.format = ImageFormat::kAvif; });
  refuses("libwebp", [&](Task& task) { encode(task).encode.encoder = Encoder::kLibwebp; });
  refuses("a score", [&](Task& task) { encode(task).encode.target = QualityTarget{}; });
  refuses("full chroma in a WebP", [&](Task& task) { std::get<ResizeStep>(task.steps[1]).full_chroma = true; });
  refuses("a file to decode", [&](Task& task) {
    task.source = testing::in_shared_memory(as_bytes("x"));
    task.steps.insert(task.steps.begin() + 1, ProbeStep{});
  });
  refuses("a side past WebP's", [&](Task& task) { std::get<ResizeStep>(task.steps[1]).width = 20'000; });
  refuses("planes", [&](Task& task) {
    task.inputs = {make_host_picture({160, 120, PixelLayout::kYcc420}, UniqueFd())};
    task.steps.erase(task.steps.begin());
    std::get<ResizeStep>(task.steps[0]).input = {PictureRef::From::kInput, 0};
    std::get<EncodeStep>(task.steps[1]).input = {PictureRef::From::kStep, 0};
  });
  refuses("two photos", [&](Task& task) {
    task.inputs.push_back(task.inputs[0]);
    task.steps.push_back(ReconstructStep{{PictureRef::From::kInput, 1}, 160, 120, 1, false});
  });
  const auto result = run_and_wait(*lane_, [&] {
    Task task = good;
    encode(task).encode.encoder = Encoder::kLibwebp;
    return task;
  }());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnsupported);
}

TEST_F(DeviceLaneTest, ManyTasksAreAllAnswered) {
  make_and_wait();
  std::vector<std::future<Result<TaskResult>>> results;
  for (int i = 0; i < 60; ++i)
    results.push_back(submit(i % 20 == 7 ? ill_device_task("out of memory") : quick_device_task()));
  int failed = 0;
  for (auto& result : results) failed += result.get() ? 0 : 1;
  EXPECT_EQ(failed, 3);
}

TEST_F(DeviceLaneTest, ConfigsThatMakeNoSenseAreRefused) {
  config_.rest = 1ms;
  const auto lane = make_device_lane(config_, metrics_, log_);
  ASSERT_FALSE(lane);
  EXPECT_EQ(lane.error().code, ErrorCode::kInvalidArgument);
}

TEST(DeviceProcessTest, ListsAndTestsInAProcessOfItsOwn) {
  const auto list = list_devices(kThisProgram, "fake", 10s);
  ASSERT_TRUE(list) << list.error().to_string();
  ASSERT_EQ(list->found.size(), 1u);
  EXPECT_EQ(list->found[0].name, fake_device().name);
  EXPECT_EQ(list->found[0].sessions, 2);
  EXPECT_TRUE(list->found[0].abilities.makes_webp);

  const auto none = list_devices(kThisProgram, "abacus", 10s);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kUnsupported);

  const auto hung = self_test_device(kThisProgram, {.engine = "fake", .path = "hang"}, 200ms);
  ASSERT_FALSE(hung);
  EXPECT_EQ(hung.error().code, ErrorCode::kTimedOut);
  EXPECT_THAT(hung.error().message, HasSubstr("during \"opening it"));
  const auto crashed = self_test_device(kThisProgram, {.engine = "fake", .path = "crash"}, 10s);
  ASSERT_FALSE(crashed);
  EXPECT_EQ(crashed.error().code, ErrorCode::kWorkerCrashed);
  EXPECT_THAT(device_processes(), ::testing::IsEmpty());
}

TEST(DeviceProcessTest, EndsWithASessionThatNobodyServesAnyMore) {
  auto process = DeviceProcess::start(kThisProgram, {.engine = "fake"}, DevicePurpose::kServe);
  ASSERT_TRUE(process) << process.error().to_string();
  const auto opened = process->receive();
  ASSERT_TRUE(opened) << opened.error().to_string();
  ASSERT_EQ(opened->sessions.size(), 2u);
  ASSERT_EQ(send(opened->sessions[1].get(), "no task", 7, MSG_NOSIGNAL), 7);
  pollfd control{process->control_fd(), POLLIN, 0};
  EXPECT_EQ(poll(&control, 1, 20'000), 1) << "it waits for ever, and so would who gave it a task";
}

TEST(DeviceProcessTest, ATestTellsItsStepsAsTheyBegin) {
  std::vector<std::string> steps;
  const auto report = self_test_device(kThisProgram, {.engine = "fake", .path = "stand-in"}, 60s,
                                       [&](const std::string& step) { steps.push_back(step); });
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_TRUE(report->passed());
  std::vector<std::string> expected;
  for (const auto& check : report->checks) expected.push_back(check.name);
  for (const auto& rate : report->rates) expected.push_back("pace: " + rate.name);
  ASSERT_FALSE(report->rates.empty());
  ASSERT_FALSE(steps.empty());
  EXPECT_THAT(steps.front(), HasSubstr("opening"));
  steps.erase(steps.begin());
  EXPECT_EQ(steps, expected);
}

TEST(SelfTestTest, FindsADeviceThatComputesWrongly) {
  // The fake engine as it is, and one whose every file has a bit turned.
  struct WrongSession final : DeviceSession {
    Result<std::vector<EngineStepResult>> run(const EngineTask& task) override {
      TT_ASSIGN(auto results, right->run(task));
      for (EngineStepResult& result : results)
        if (result.picture) result.picture->mutable_view().front() ^= 1;
      return results;
    }
    std::unique_ptr<DeviceSession> right;
  };
  struct WrongEngine final : DeviceEngine {
    const DeviceInfo& info() const override { return right->info(); }
    Result<std::unique_ptr<DeviceSession>> open_session() override {
      auto session = std::make_unique<WrongSession>();
      TT_ASSIGN(session->right, right->open_session());
      return session;
    }
    std::unique_ptr<DeviceEngine> right;
  };
  auto right = testing::kFakeEngine.open({});
  ASSERT_TRUE(right);
  const SelfTestReport good = run_self_test(**right, 0);
  for (const SelfTestReport::Check& check : good.checks)
    EXPECT_TRUE(check.passed) << check.name << ": " << check.detail;
  EXPECT_TRUE(good.passed());
  WrongEngine wrong;
  wrong.right = *std::move(right);
  const SelfTestReport bad = run_self_test(wrong, 0);
  EXPECT_FALSE(bad.passed());
  EXPECT_THAT(bad.checks[0].detail, HasSubstr("not the CPU's"));
}

}  // namespace
}  // namespace tintype
