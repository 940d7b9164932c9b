// Children that crash, hang, bloat and lie: each costs its own task, with the right error, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <latch>
#include <memory>
#include <sstream>
#include <string>
#include <thread>

#include "core/base/metric_names.h"
#include "core/base/metrics.h"
#include "tests/workers/hostile_child.h"
#include "tests/workers/lane_tasks.h"
#include "tests/workers/zygote_test_main.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/sandbox/sanitizers.h"
#include "workers/shared_memory.h"

namespace tintype {

const ChildMain testing::kChildMain = testing::hostile_child_main;

namespace {

using testing::evil;
using testing::file_of;
using ::testing::HasSubstr;
using testing::ladder_task;
using testing::make_webp_photo;
using testing::quick_task;
using testing::run_and_wait;

Task good_task(JobId job = {1}) { return quick_task(make_webp_photo(64, 48), job); }

// A photo with a decoded picture to keep and files of two sizes and formats, the last to a score.
Task evil_task(std::string_view deed) {
  Task task = ladder_task(make_webp_photo(64, 48, evil(deed)), {48, 32});
  std::get<EncodeStep>(task.steps[6]).encode.target = QualityTarget{};
  task.keep_pictures = {0};
  return task;
}

class CpuLaneTest : public ::testing::Test {
 protected:
  std::unique_ptr<Lane> make(CpuLaneConfig config = {.slots = 1}, Zygote& zygote = testing::zygote()) {
    config.memory_bytes = 4ull << 30;
    static Logger silent(LogLevel::kOff);
    auto lane = make_cpu_lane(config, zygote, metrics_, silent);
    EXPECT_TRUE(lane) << lane.error().to_string();
    return lane ? *std::move(lane) : nullptr;
  }

  Error error_of(Lane& lane, Task task) {
    const auto result = run_and_wait(lane, std::move(task));
    EXPECT_FALSE(result) << "it worked";
    return result ? Error{} : result.error();
  }

  int pid_for(Lane& lane, const std::string& owner) {
    Task task = quick_task(make_webp_photo(64, 48, evil("pid")), {1}, owner);
    const auto result = run_and_wait(lane, std::move(task));
    EXPECT_TRUE(result) << result.error().to_string();
    return result ? std::stoi(file_of(*result, 2).encoder) : -1;
  }

  // Until a fresh lane has given a child its first task.
  void wait_until_busy() {
    const Gauge& busy = metrics_.gauge(metric::kLaneBusy, label({{"lane", "cpu"}}));
    for (int i = 0; i < 2000 && busy.value() < 1; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_EQ(busy.value(), 1);
  }

  // Until the process has worked for a twentieth of a second more.
  static void wait_until_it_works(int pid) {
    const auto ticks = [pid] {
      std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
      std::string text;
      std::getline(stat, text);
      // proc(5): fields are counted after the command's name; the time in user mode is field 14.
      std::istringstream fields(text.substr(text.rfind(')') + 2));
      for (int field = 3; field < 14; ++field) fields >> text;
      long used = 0;
      fields >> used;
      return used;
    };
    const long before = ticks();
    for (int i = 0; i < 2000 && ticks() < before + 5; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_GE(ticks(), before + 5);
  }

  double lost(const std::string& cause) {
    return metrics_.counter(metric::kChildrenLost, label({{"lane", "cpu"}, {"cause", cause}})).value();
  }

  Metrics metrics_;
};

class Lies : public CpuLaneTest, public ::testing::WithParamInterface<std::string> {};

std::string test_name(const ::testing::TestParamInfo<std::string>& lie) {
  std::string name = lie.param;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(CpuLane, Lies, ::testing::ValuesIn(testing::lies()), test_name);

TEST_P(Lies, AreFoundOutAndCostOneTask) {
  const auto lane = make();
  const Error error = error_of(*lane, evil_task(GetParam()));
  EXPECT_EQ(error.code, ErrorCode::kWorkerLied) << error.message;
  EXPECT_EQ(lane->health().restarts, 1u);
  EXPECT_EQ(lost("lied"), 1);
  const auto next = run_and_wait(*lane, good_task());
  EXPECT_TRUE(next) << next.error().to_string();
}

// The same task without a lie is fine, so what the lies were found by is the lie.
TEST_F(CpuLaneTest, TruthIsBelieved) {
  const auto lane = make();
  const auto result = run_and_wait(*lane, evil_task("nothing"));
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_NE(result->steps[0].picture, nullptr);
  EXPECT_EQ(lane->health().restarts, 0u);
}

TEST_F(CpuLaneTest, CrashCostsOneTask) {
  const auto lane = make();
  const std::pair<const char*, const char*> crashes[] = {
      {"segfault", "signal 11 (SIGSEGV)"},
      {"abort", "signal 6 (SIGABRT)"},
      {"recurse", "signal 11 (SIGSEGV)"},
      {"exit", "exit 0"},
      {"exit 3", "exit 3"},
      {"open", "signal 31 (SIGSYS)"},
  };
  for (const auto& [deed, end] : crashes) {
    SCOPED_TRACE(deed);
    if (kSanitized && std::string_view(end).starts_with("signal")) continue;  // the sanitizer reports and exits
    const Error error = error_of(*lane, evil_task(deed));
    EXPECT_EQ(error.code, ErrorCode::kWorkerCrashed);
    EXPECT_THAT(error.message, HasSubstr(end));
    EXPECT_THAT(error.message, HasSubstr("decode+resize+encode"));
    EXPECT_TRUE(run_and_wait(*lane, good_task()));
  }
  EXPECT_EQ(lane->health().restarts, kSanitized ? 2u : 6u);
}

TEST_F(CpuLaneTest, HangTimesOut) {
  const auto lane = make({.slots = 1, .task_timeout = std::chrono::milliseconds(200)});
  const Error by_lane = error_of(*lane, evil_task("spin"));
  EXPECT_EQ(by_lane.code, ErrorCode::kTimedOut);
  EXPECT_THAT(by_lane.message, HasSubstr("200 ms"));
  Task task = evil_task("spin");
  task.timeout = std::chrono::milliseconds(100);
  const Error by_task = error_of(*lane, std::move(task));
  EXPECT_EQ(by_task.code, ErrorCode::kTimedOut);
  EXPECT_THAT(by_task.message, HasSubstr("100 ms"));
  Task patient = good_task();
  patient.timeout = std::chrono::minutes(1);
  EXPECT_TRUE(run_and_wait(*lane, std::move(patient)));
}

TEST_F(CpuLaneTest, MemoryHasALimit) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer's shadow memory leaves no room for RLIMIT_AS";
  auto small = start_zygote({.child_memory_bytes = 96ull << 20}, testing::quiet_log());
  ASSERT_TRUE(small);
  const auto lane = make({.slots = 1}, **small);
  EXPECT_EQ(error_of(*lane, evil_task("bloat")).code, ErrorCode::kOutOfMemory);
  // Without any malice: 6000 x 6000 is 108 MB.
  const Error error = error_of(*lane, quick_task(make_webp_photo(6000, 6000)));
  EXPECT_EQ(error.code, ErrorCode::kOutOfMemory) << error.message;
  EXPECT_TRUE(run_and_wait(*lane, good_task()));
  EXPECT_EQ(lost("out_of_memory"), 2);
}

TEST_F(CpuLaneTest, BadPictureIsNotTheChildsFault) {
  const auto lane = make();
  Bytes cut = make_webp_photo(64, 48);
  Task task = quick_task(cut);
  cut.shrink_to(cut.size() / 2);
  task.source = testing::in_shared_memory(cut);
  const Error error = error_of(*lane, std::move(task));
  EXPECT_TRUE(is_bad_picture(error.code)) << error.to_string();
  EXPECT_EQ(lane->health().restarts, 0u);
  EXPECT_TRUE(run_and_wait(*lane, good_task()));
}

TEST_F(CpuLaneTest, GoodTasksBesideBadOnesAreUnharmed) {
  const auto lane = make({.slots = 2, .task_timeout = std::chrono::seconds(20)});
  const char* deeds[] = {"exit", "another size", "two answers", "talk on", "die after"};
  constexpr int kRounds = 15;
  std::atomic<int> good = 0, called = 0;
  std::promise<void> all;
  const auto count = [&] {
    if (++called == 2 * kRounds) all.set_value();
  };
  for (int i = 0; i < kRounds; ++i) {
    lane->submit(evil_task(deeds[i % std::size(deeds)]), [&](const Result<TaskResult>&) { count(); });
    Task task = good_task();
    task.owner = "bob";
    lane->submit(std::move(task), [&](Result<TaskResult> result) {
      if (result) ++good;
      count();
    });
  }
  all.get_future().wait();
  EXPECT_EQ(good, kRounds);
}

TEST_F(CpuLaneTest, AnswersAreCopiedBeforeTheyAreBelieved) {
  const auto lane = make();
  for (int i = 0; i < 20; ++i) {
    const auto result = run_and_wait(*lane, evil_task("paint over it"));
    if (!result) {
      // It paints over its own next task, too.
      EXPECT_THAT(result.error().code, ::testing::AnyOf(ErrorCode::kWorkerLied, ErrorCode::kWorkerCrashed));
      continue;
    }
    EXPECT_EQ(testing::header_of(file_of(*result, 2).bytes).width, 48u);
    const PictureHandle& picture = result->steps[0].picture;
    Bytes before(picture->shape().bytes()), after(before.size());
    ASSERT_TRUE(read_exactly(*picture->host_fd(), before.mutable_view(), 0));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ASSERT_TRUE(read_exactly(*picture->host_fd(), after.mutable_view(), 0));
    EXPECT_EQ(testing::text_of(before), testing::text_of(after));
  }
}

TEST_F(CpuLaneTest, ChildThatTalksUnaskedIsReplaced) {
  const auto lane = make();
  const auto result = run_and_wait(*lane, evil_task("talk on"));
  EXPECT_TRUE(result) << result.error().to_string();
  for (int i = 0; i < 200 && lane->health().restarts == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(lane->health().restarts, 1u);
  EXPECT_TRUE(run_and_wait(*lane, good_task()));
}

TEST_F(CpuLaneTest, OwnersNeverShareAChild) {
  const auto lane = make();
  const int alice = pid_for(*lane, "alice");
  EXPECT_EQ(pid_for(*lane, "alice"), alice);
  const int bob = pid_for(*lane, "bob");
  EXPECT_NE(bob, alice);
  const int alice_again = pid_for(*lane, "alice");
  EXPECT_NE(alice_again, bob);
  EXPECT_NE(pid_for(*lane, ""), alice_again);
  EXPECT_EQ(lane->health().restarts, 0u);
}

TEST_F(CpuLaneTest, ChildrenAreReplacedAfterSoManyTasks) {
  const auto lane = make({.slots = 1, .tasks_per_child = 2});
  const int first = pid_for(*lane, "alice");
  EXPECT_EQ(pid_for(*lane, "alice"), first);
  EXPECT_NE(pid_for(*lane, "alice"), first);
}

TEST_F(CpuLaneTest, CancelEndsATaskThatHangs) {
  const auto lane = make();
  Task task = evil_task("spin");
  task.job = {9};
  std::promise<ErrorCode> code;
  lane->submit(std::move(task), [&](Result<TaskResult> result) { code.set_value(result.error().code); });
  wait_until_busy();
  lane->cancel({9});
  EXPECT_EQ(code.get_future().get(), ErrorCode::kCancelled);
  EXPECT_TRUE(run_and_wait(*lane, good_task()));
}

TEST_F(CpuLaneTest, KilledChildCostsOneTask) {
  const auto lane = make();
  const int pid = pid_for(*lane, "alice");
  std::promise<Error> error;
  lane->submit(evil_task("spin"), [&](Result<TaskResult> result) { error.set_value(result.error()); });
  wait_until_it_works(pid);
  ASSERT_EQ(kill(pid, SIGKILL), 0);
  const Error killed = error.get_future().get();
  EXPECT_EQ(killed.code, ErrorCode::kUnavailable);
  EXPECT_THAT(killed.message, HasSubstr("from outside"));
  EXPECT_TRUE(run_and_wait(*lane, good_task()));
}

TEST_F(CpuLaneTest, IdleChildThatIsKilledCostsNoTask) {
  const auto lane = make();
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(kill(pid_for(*lane, "alice"), SIGKILL), 0);
    const auto next = run_and_wait(*lane, good_task());
    // Handed over in the moment it dies, a task cannot be told from one that killed it.
    if (!next) {
      EXPECT_EQ(next.error().code, ErrorCode::kUnavailable);
    }
  }
  EXPECT_TRUE(run_and_wait(*lane, good_task()));
}

TEST_F(CpuLaneTest, KilledZygoteCostsNoTask) {
  auto zygote = start_zygote({}, testing::quiet_log());
  ASSERT_TRUE(zygote);
  const auto lane = make({.slots = 2}, **zygote);
  const int zygote_pid = testing::parent_of(pid_for(*lane, "alice"));
  ASSERT_GT(zygote_pid, 1);
  constexpr int kTasks = 40;
  std::atomic<int> good = 0;
  std::latch all(kTasks);
  for (int i = 0; i < kTasks; ++i) {
    lane->submit(ladder_task(make_webp_photo(64, 48), {48, 32}), [&](Result<TaskResult> result) {
      EXPECT_TRUE(result) << result.error().to_string();
      if (result) ++good;
      all.count_down();
    });
  }
  ASSERT_EQ(kill(zygote_pid, SIGKILL), 0);
  all.wait();
  EXPECT_EQ(good, kTasks);
  EXPECT_GE(lane->health().restarts, 1u);
  EXPECT_EQ(lane->health().state, LaneState::kReady);
}

TEST_F(CpuLaneTest, RefusesBadConfigurations) {
  EXPECT_FALSE(CpuLaneConfig{.name = ""}.validate());
  EXPECT_FALSE(CpuLaneConfig{.slots = -1}.validate());
  EXPECT_FALSE(CpuLaneConfig{.tasks_per_child = 0}.validate());
  EXPECT_FALSE(CpuLaneConfig{.task_timeout = std::chrono::milliseconds(0)}.validate());
  const auto lane = make({.slots = 0});
  EXPECT_GE(lane->info().slots, 1);
}

}  // namespace
}  // namespace tintype
