#include "workers/simulated/simulated_lane.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>

#include "tests/workers/lane_tasks.h"

namespace tintype {
namespace {

using testing::run_and_wait;
using Clock = std::chrono::steady_clock;

Task probe_task(JobId job = {1}) {
  Task task;
  task.job = job;
  task.source = testing::in_shared_memory(as_bytes("photo"));
  task.steps = {ProbeStep{}};
  return task;
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

TEST(SimulatedLane, TakesAsLongAsItIsTold) {
  auto lane = make_simulated_lane({.service_seconds = [](const Task&) { return 0.05; }});
  ASSERT_TRUE(lane);
  const auto start = Clock::now();
  const auto result = run_and_wait(**lane, probe_task());
  ASSERT_TRUE(result);
  EXPECT_GE(seconds_since(start), 0.05);
  EXPECT_EQ(result->work_seconds, 0.05);
}

TEST(SimulatedLane, MayChangeItsPace) {
  std::atomic<double> pace = 0.001;
  auto lane = make_simulated_lane({.service_seconds = [&](const Task&) { return pace.load(); }});
  ASSERT_TRUE(lane);
  EXPECT_EQ(run_and_wait(**lane, probe_task())->work_seconds, 0.001);
  pace = 0.003;
  EXPECT_EQ(run_and_wait(**lane, probe_task())->work_seconds, 0.003);
}

TEST(SimulatedLane, SlotsWorkAtOnce) {
  std::atomic<int> begun = 0, saw_all = 0;
  auto lane = make_simulated_lane({.slots = 8, .service_seconds = [&](const Task&) {
                                     ++begun;
                                     for (int i = 0; i < 2000 && begun < 8; ++i)
                                       std::this_thread::sleep_for(std::chrono::milliseconds(10));
                                     saw_all += begun == 8;
                                     return 0.0;
                                   }});
  ASSERT_TRUE(lane);
  std::vector<std::promise<void>> done(8);
  for (auto& promise : done) {
    (*lane)->submit(probe_task(), [&](const Result<TaskResult>&) { promise.set_value(); });
  }
  for (auto& promise : done) promise.get_future().wait();
  EXPECT_EQ(saw_all, 8);
}

TEST(SimulatedLane, FailsAsItIsTold) {
  auto lane = make_simulated_lane({.fault = [](const Task& task) -> std::optional<Error> {
    if (task.job.value == 2) return Error{ErrorCode::kWorkerCrashed, "told to"};
    return std::nullopt;
  }});
  ASSERT_TRUE(lane);
  EXPECT_TRUE(run_and_wait(**lane, probe_task({1})));
  const auto failed = run_and_wait(**lane, probe_task({2}));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kWorkerCrashed);
  EXPECT_EQ((*lane)->health().tasks_failed, 1u);
}

TEST(SimulatedLane, RefusesBadConfigurations) {
  EXPECT_FALSE(make_simulated_lane({.name = ""}));
  EXPECT_FALSE(make_simulated_lane({.slots = 0}));
  EXPECT_FALSE(make_simulated_lane({.service_seconds = nullptr}));
}

}  // namespace
}  // namespace tintype
