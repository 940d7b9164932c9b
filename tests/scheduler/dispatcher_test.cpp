#include "scheduler/dispatcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <latch>
#include <optional>

#include "scheduler/job_tasks.h"
#include "workers/simulated/simulated_lane.h"

namespace tintype {
namespace {

Task encode_task(double megapixels, JobClass job_class = JobClass::kUpload) {
  const auto side = static_cast<std::uint32_t>(std::sqrt(megapixels * 1e6));
  Job job;
  job.id = SortableId::make(1);
  job.job_class = job_class;
  job.owner = "ann";
  SourceInfo source{.format = ImageFormat::kPng, .width = side, .height = side, .bytes = side * side};
  Plan plan;
  plan.encodes.push_back({side, side, ImageFormat::kWebp, 75, 4, Encoder::kLibwebp});
  auto bytes = SourceBuffer::create(4, [](std::span<std::uint8_t> out) {
    std::ranges::fill(out, std::uint8_t{1});
    return Status();
  });
  return make_fused_task(job, source, plan, std::move(*bytes)).task;
}

class DispatcherTest : public testing::Test {
 protected:
  Lane& add_lane(const std::string& name, int slots, double seconds_a_megapixel) {
    SimulatedLaneConfig config;
    config.name = name;
    config.slots = slots;
    config.service_seconds = [seconds_a_megapixel](const Task& task) {
      double seconds = 0;
      for (const StepShape& step : shape_steps(task)) {
        if (step.kind.starts_with("encode")) seconds += step.megapixels * seconds_a_megapixel;
      }
      return seconds;
    };
    return add_lane(config);
  }
  Lane& add_lane(const SimulatedLaneConfig& config) {
    lanes_.push_back(std::move(*make_simulated_lane(config)));
    return *lanes_.back();
  }
  // A lane whose tasks of `held` classes end once the gate opens.
  void add_gated_lane(int slots, std::vector<JobClass> held = {std::begin(kJobClasses), std::end(kJobClasses)}) {
    SimulatedLaneConfig config;
    config.name = "a";
    config.slots = slots;
    config.service_seconds = [this, held](const Task& task) {
      if (std::ranges::contains(held, task.job_class)) gate_.wait();
      return 0.001;
    };
    add_lane(config);
  }
  Dispatcher& start() {
    std::vector<Lane*> pointers;
    for (const auto& lane : lanes_) pointers.push_back(lane.get());
    dispatcher_.emplace(DispatcherConfig{}, pointers, costs_, clock_);
    return *dispatcher_;
  }
  void submit(PlaceRequest request) {
    ++pending_;
    dispatcher_->submit(std::move(request), [this](Placed placed) {
      const std::lock_guard lock(mutex_);
      answers_.push_back(std::move(placed));
      --pending_;
      changed_.notify_all();
    });
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return pending_ == 0; });
  }

  std::latch gate_{1};
  SystemClock clock_;
  CostModel costs_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<int> pending_ = 0;
  std::vector<Placed> answers_;
  std::optional<Dispatcher> dispatcher_;  // last: it waits for what runs
};

TEST_F(DispatcherTest, EachTaskIsAnsweredOnce) {
  add_lane("a", 3, 0.0005);
  start();
  for (int i = 0; i < 300; ++i) submit({encode_task(1), std::uint64_t(i), {}});
  wait();
  EXPECT_EQ(answers_.size(), 300u);
  for (const Placed& placed : answers_) {
    EXPECT_TRUE(placed.result) << placed.result.error().to_string();
    EXPECT_EQ(placed.decision.chosen, "a");
    EXPECT_EQ(placed.decision.outcome, "ok");
  }
}

TEST_F(DispatcherTest, AFastLaneGetsMoreAndASlowOneIsLeftIdleAtTheEnd) {
  add_lane("fast", 1, 0.005);
  add_lane("slow", 1, 0.050);
  start();
  for (int i = 0; i < 20; ++i) {  // learn
    submit({encode_task(1), std::uint64_t(i), {}});
    wait();
    PlaceRequest other{encode_task(1), 0, {"fast"}};
    submit(std::move(other));
    wait();
  }
  answers_.clear();
  for (int i = 0; i < 44; ++i) submit({encode_task(1), std::uint64_t(i), {}});
  wait();
  int slow = 0;
  for (const Placed& placed : answers_) slow += placed.decision.chosen == "slow";
  EXPECT_GE(slow, 2);
  EXPECT_LE(slow, 14) << "ten times slower: about one in eleven, none at the end; blind turns would be 22";
  EXPECT_EQ(answers_.back().decision.candidates.size(), 2u);
}

TEST_F(DispatcherTest, AJobThatCameFirstGoesFirst) {
  add_gated_lane(1);
  start();
  std::vector<std::uint64_t> order;
  ++pending_;
  dispatcher_->submit({encode_task(10), 0, {}}, [&](Placed) { --pending_; });  // holds the slot
  for (const std::uint64_t place : {5, 3, 9, 1}) {
    ++pending_;
    dispatcher_->submit({encode_task(0.01), place, {}}, [&, place](Placed) {
      const std::lock_guard lock(mutex_);
      order.push_back(place);
      --pending_;
      changed_.notify_all();
    });
  }
  gate_.count_down();
  wait();
  EXPECT_THAT(order, testing::ElementsAre(1, 3, 5, 9));
}

TEST_F(DispatcherTest, InteractiveOvertakesBulkAndWaitsNoLongerThanATask) {
  add_gated_lane(1);
  start();
  std::vector<JobClass> order;
  const auto submit_of = [&](JobClass job_class, std::uint64_t place) {
    ++pending_;
    dispatcher_->submit({encode_task(1, job_class), place, {}}, [&, job_class](Placed) {
      const std::lock_guard lock(mutex_);
      order.push_back(job_class);
      --pending_;
      changed_.notify_all();
    });
  };
  for (std::uint64_t i = 0; i < 20; ++i) submit_of(JobClass::kBulk, i);  // the first holds the slot
  submit_of(JobClass::kInteractive, 1000);
  gate_.count_down();
  wait();
  ASSERT_EQ(order.size(), 21u);
  EXPECT_EQ(order[1], JobClass::kInteractive);
}

TEST_F(DispatcherTest, BulkThatIsHeldBackSaysSoAndLeavesTheSlotsToOthers) {
  add_gated_lane(4, {JobClass::kBulk});
  start();
  dispatcher_->limit_bulk(1, "cpu pressure 91 %");
  for (int i = 0; i < 4; ++i) submit({encode_task(1, JobClass::kBulk), std::uint64_t(i), {}});
  EXPECT_EQ(dispatcher_->idle_slots(), 3);
  EXPECT_TRUE(dispatcher_->place_and_wait({encode_task(1), 1000, {}}).result) << "while bulk jobs wait";
  gate_.count_down();
  wait();
  const auto held_back = std::ranges::count_if(answers_, [](const Placed& placed) {
    return placed.decision.reason.contains("bulk jobs had 1 of 4 slots: cpu pressure 91 %");
  });
  EXPECT_EQ(held_back, 3);
}

TEST_F(DispatcherTest, BulkGoesOnWhenTheLimitIsLifted) {
  add_gated_lane(2);
  start();
  dispatcher_->limit_bulk(1, "io pressure 80 %");
  for (int i = 0; i < 2; ++i) submit({encode_task(1, JobClass::kBulk), std::uint64_t(i), {}});
  EXPECT_EQ(dispatcher_->idle_slots(), 1);
  dispatcher_->limit_bulk(2, "");
  EXPECT_EQ(dispatcher_->idle_slots(), 0);
  gate_.count_down();
  wait();
}

TEST_F(DispatcherTest, BytesAreCountedAsWellAsSlots) {
  SimulatedLaneConfig config;
  config.name = "small";
  config.slots = 4;
  config.memory_bytes = estimate_task_bytes(encode_task(4)) * 3 / 2;  // room for one of them
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  config.service_seconds = [&](const Task&) {
    most = std::max(most.load(), ++at_once);
    return 0.005;
  };
  config.fault = [&](const Task&) {
    --at_once;
    return std::optional<Error>();
  };
  add_lane(config);
  start();
  for (int i = 0; i < 8; ++i) submit({encode_task(4), std::uint64_t(i), {}});
  wait();
  EXPECT_EQ(most, 1);
}

TEST_F(DispatcherTest, WhatNoLaneCanDoIsRefusedWithTheReason) {
  SimulatedLaneConfig config;
  config.name = "tiny";
  config.memory_bytes = 1 << 20;
  add_lane(config);
  start();
  const Placed placed = dispatcher_->place_and_wait({encode_task(100), 0, {}});
  ASSERT_FALSE(placed.result);
  EXPECT_EQ(placed.result.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(placed.result.error().message, testing::HasSubstr("tiny"));
}

TEST_F(DispatcherTest, ALaneThatFailedItIsAvoidedUnlessItIsTheOnlyOne) {
  add_lane("a", 1, 0.001);
  add_lane("b", 1, 0.010);
  start();
  EXPECT_EQ(dispatcher_->place_and_wait({encode_task(1), 0, {"a"}}).decision.chosen, "b");
  const Placed both = dispatcher_->place_and_wait({encode_task(1), 0, {"a", "b"}});
  EXPECT_TRUE(both.result);
  EXPECT_THAT(both.decision.reason, testing::HasSubstr("no other lane"));
}

TEST_F(DispatcherTest, CancelAnswersWhatWaitsAndWhatRuns) {
  add_lane("a", 1, 100);
  start();
  Task running = encode_task(1);
  Task waiting = encode_task(1);
  waiting.job = running.job;
  const JobId job = running.job;
  submit({std::move(running), 0, {}});
  submit({std::move(waiting), 1, {}});
  dispatcher_->cancel(job);
  wait();
  for (const Placed& placed : answers_) {
    EXPECT_EQ(placed.result.error().code, ErrorCode::kCancelled);
    // Also of the one that no lane was given: people read it.
    EXPECT_EQ(placed.decision.outcome, "cancelled");
    EXPECT_EQ(placed.decision.task, encode_task(1).describe());
    EXPECT_FALSE(placed.decision.reason.empty());
  }
}

TEST_F(DispatcherTest, ClosedItRefusesAndWhatRunsEnds) {
  add_gated_lane(1);
  start();
  submit({encode_task(1), 0, {}});
  submit({encode_task(1), 1, {}});
  dispatcher_->close();
  submit({encode_task(1), 2, {}});
  gate_.count_down();
  wait();
  int done = 0;
  for (const Placed& placed : answers_) done += placed.result.has_value();
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace tintype
