// What every lane promises, run over each kind of lane there is. A new kind joins a *_lane_kinds.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/workers/lane_kinds.h"
#include "tests/workers/lane_tasks.h"

namespace tintype {

namespace {

using testing::file_of;
using testing::header_of;
using testing::LaneKind;
using testing::run_and_wait;

class LaneConformance : public ::testing::TestWithParam<LaneKind> {
 protected:
  std::unique_ptr<Lane> make(int slots) { return GetParam().make(slots); }
  static Task ladder_task(const std::vector<std::uint32_t>& widths, JobId job = {1}) {
    return GetParam().ladder_task(widths, job);
  }
  // One small file.
  static Task quick_task(JobId job = {1}) {
    Task task = ladder_task({32}, job);
    task.steps.pop_back();
    return task;
  }
  static PixelLayout layout() { return GetParam().takes_files ? PixelLayout::kRgb8 : PixelLayout::kYcc420; }
};

std::string kind_name(const ::testing::TestParamInfo<LaneKind>& kind) { return kind.param.name; }

INSTANTIATE_TEST_SUITE_P(Lanes, LaneConformance, ::testing::ValuesIn(testing::kLaneKinds), kind_name);

TEST_P(LaneConformance, DescribesItself) {
  const auto lane = make(3);
  EXPECT_FALSE(lane->info().name.empty());
  EXPECT_FALSE(lane->info().kind.empty());
  EXPECT_FALSE(lane->info().device.empty());
  EXPECT_EQ(lane->info().slots, 3);
  EXPECT_GT(lane->info().memory_bytes, 0u);
  EXPECT_EQ(lane->health().state, LaneState::kReady);
}

TEST_P(LaneConformance, ProbesASource) {
  if (!GetParam().takes_files) GTEST_SKIP() << "no lane for files";
  const auto lane = make(1);
  Task task;
  task.source = ladder_task({32}).source;
  const std::uint64_t bytes = task.source->size();
  task.steps = {ProbeStep{}};
  ASSERT_TRUE(lane->can_run(task));
  const auto result = run_and_wait(*lane, std::move(task));
  ASSERT_TRUE(result) << result.error().to_string();
  ASSERT_EQ(result->steps.size(), 1u);
  const auto& info = std::get<SourceInfo>(result->steps[0].value);
  EXPECT_EQ(info.format, ImageFormat::kWebp);
  EXPECT_EQ(info.width, 320u);
  EXPECT_EQ(info.height, 240u);
  EXPECT_EQ(info.bytes, bytes);
}

TEST_P(LaneConformance, DoesAWholeLadderInOneTask) {
  const auto lane = make(1);
  const Task task = ladder_task({160, 80});
  ASSERT_TRUE(lane->can_run(task));
  const auto result = run_and_wait(*lane, task);
  ASSERT_TRUE(result) << result.error().to_string();
  ASSERT_EQ(result->steps.size(), 7u);
  if (GetParam().takes_files) {
    const auto& decoded = std::get<DecodeResult>(result->steps[0].value);
    EXPECT_EQ(decoded.shape, (PictureShape{320, 240, PixelLayout::kRgb8}));
    ASSERT_NE(decoded.embedded, nullptr);
  }
  for (std::size_t i : {2, 3, 5, 6}) {
    const SourceInfo info = header_of(file_of(*result, i).bytes);
    EXPECT_EQ(info.format, std::get<EncodeStep>(task.steps[i]).encode.format);
    EXPECT_EQ(info.width, i < 4 ? 160u : 80u);
    EXPECT_EQ(info.height, i < 4 ? 120u : 60u);
    EXPECT_FALSE(file_of(*result, i).encoder.empty());
    EXPECT_EQ(file_of(*result, i).threads, 1);
  }
  EXPECT_GT(result->work_seconds, 0);
  for (const StepResult& step : result->steps) {
    EXPECT_GE(step.seconds, 0);
    EXPECT_EQ(step.picture, nullptr);
  }
}

TEST_P(LaneConformance, KeepsThePicturesItIsAskedTo) {
  const auto lane = make(1);
  Task task = ladder_task({160});
  task.keep_pictures = {1, 0};
  const auto result = run_and_wait(*lane, std::move(task));
  ASSERT_TRUE(result) << result.error().to_string();
  ASSERT_NE(result->steps[0].picture, nullptr);
  ASSERT_NE(result->steps[1].picture, nullptr);
  EXPECT_EQ(result->steps[0].picture->shape(), (PictureShape{320, 240, layout()}));
  EXPECT_EQ(result->steps[1].picture->shape(), (PictureShape{160, 120, layout()}));
  EXPECT_EQ(result->steps[2].picture, nullptr);
}

TEST_P(LaneConformance, DoesTheLargestTask) {
  const auto lane = make(1);
  std::vector<std::uint32_t> widths;
  for (std::uint32_t i = 0; i < 32; ++i) widths.push_back(160 - i * 4);
  Task task = ladder_task(widths);
  std::erase_if(task.steps, [](const Step& step) { return std::holds_alternative<EncodeStep>(step); });
  for (std::uint32_t i = 1; i < task.steps.size(); ++i) {
    std::get<ResizeStep>(task.steps[i]).input.index = i - 1;
    task.keep_pictures.push_back(i);
  }
  task.keep_pictures.push_back(0);
  ASSERT_EQ(task.keep_pictures.size(), kMaxTaskPictures);
  const auto made = run_and_wait(*lane, task);
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(made->steps[32].picture->shape(), (PictureShape{36, 27, layout()}));
  if (!GetParam().takes_files) return;
  Task files;
  for (std::uint32_t i = 0; i < kMaxTaskPictures; ++i) {
    files.inputs.push_back(made->steps[i].picture);
    const PictureShape& shape = made->steps[i].picture->shape();
    files.steps.push_back(EncodeStep{
        {PictureRef::From::kInput, i}, testing::planned(shape.width, shape.height, ImageFormat::kWebp), nullptr});
  }
  const auto encoded = run_and_wait(*lane, std::move(files));
  ASSERT_TRUE(encoded) << encoded.error().to_string();
  EXPECT_EQ(header_of(file_of(*encoded, 32).bytes).width, 36u);
}

// A job cut in two: pictures made on one lane, files on another.
TEST_P(LaneConformance, HandsPicturesToAnyOtherLane) {
  const auto maker = make(1);
  Task whole = ladder_task({160});
  const auto fused = run_and_wait(*maker, whole);
  ASSERT_TRUE(fused) << fused.error().to_string();
  for (const LaneKind& other : testing::kLaneKinds) {
    if (!other.takes_files) continue;
    SCOPED_TRACE(other.name);
    const auto encoder = other.make(1);
    Task first = whole;
    first.steps.resize(2);
    first.keep_pictures = {1};
    auto pictures = run_and_wait(*maker, std::move(first));
    ASSERT_TRUE(pictures) << pictures.error().to_string();

    Task second;
    second.owner = whole.owner;
    second.inputs = {pictures->steps[1].picture};
    for (std::size_t i : {2, 3}) {
      EncodeStep step = std::get<EncodeStep>(whole.steps[i]);
      step.input = {PictureRef::From::kInput, 0};
      if (GetParam().takes_files) step.metadata = std::get<DecodeResult>(pictures->steps[0].value).embedded;
      second.steps.push_back(step);
    }
    const auto files = run_and_wait(*encoder, std::move(second));
    ASSERT_TRUE(files) << files.error().to_string();
    for (std::size_t i : {0, 1}) {
      EXPECT_EQ(header_of(file_of(*files, i).bytes).width, 160u);
      if (GetParam().makes_real_files && other.makes_real_files) {
        EXPECT_EQ(testing::text_of(file_of(*files, i).bytes), testing::text_of(file_of(*fused, i + 2).bytes));
      }
    }
  }
}

TEST_P(LaneConformance, CallsDoneOnceForEachOfManyConcurrentTasks) {
  constexpr int kThreads = 8;
  const int tasks = GetParam().many_tasks;
  const auto lane = make(2);
  const Task task = quick_task();
  std::vector<std::atomic<int>> calls(static_cast<std::size_t>(tasks));
  std::atomic<int> succeeded = 0;
  std::latch all(tasks);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = t; i < tasks; i += kThreads) {
          lane->submit(task, [&, i](Result<TaskResult> result) {
            if (result) ++succeeded;
            if (++calls[static_cast<std::size_t>(i)] == 1) all.count_down();
          });
        }
      });
    }
  }
  all.wait();
  EXPECT_EQ(succeeded, tasks);
  for (const auto& count : calls) EXPECT_EQ(count, 1);
  EXPECT_EQ(lane->health().tasks_done, static_cast<std::uint64_t>(tasks));
}

TEST_P(LaneConformance, CallsDoneOnceWhenDestroyed) {
  constexpr int kTasks = 40;
  std::mutex mutex;
  std::vector<ErrorCode> failures;
  int calls = 0;
  {
    const auto lane = make(2);
    for (int i = 0; i < kTasks; ++i) {
      lane->submit(ladder_task({160, 80}), [&](Result<TaskResult> result) {
        std::lock_guard lock(mutex);
        ++calls;
        if (!result) failures.push_back(result.error().code);
      });
    }
  }
  EXPECT_EQ(calls, kTasks);
  EXPECT_THAT(failures, ::testing::Each(ErrorCode::kCancelled));
  EXPECT_FALSE(failures.empty());
}

TEST_P(LaneConformance, CancelsOneJobAndNoOther) {
  const auto lane = make(1);
  std::promise<ErrorCode> first, second;
  std::promise<bool> other;
  const auto code_of = [](const Result<TaskResult>& result) {
    return result ? ErrorCode::kInternal : result.error().code;
  };
  // More work than can be done before the cancel comes.
  Task heavy = ladder_task({300, 290, 280, 270, 260, 250}, JobId{7});
  lane->submit(heavy, [&](Result<TaskResult> result) { first.set_value(code_of(result)); });
  lane->submit(heavy, [&](Result<TaskResult> result) { second.set_value(code_of(result)); });
  lane->submit(quick_task(JobId{8}), [&](Result<TaskResult> result) { other.set_value(result.has_value()); });
  lane->cancel(JobId{7});
  EXPECT_EQ(first.get_future().get(), ErrorCode::kCancelled);
  EXPECT_EQ(second.get_future().get(), ErrorCode::kCancelled);
  EXPECT_TRUE(other.get_future().get());
}

TEST_P(LaneConformance, TakesTasksFromWithinDone) {
  const auto lane = make(1);
  std::promise<bool> second;
  lane->submit(quick_task(), [&](const Result<TaskResult>&) {
    lane->submit(quick_task(), [&](Result<TaskResult> result) { second.set_value(result.has_value()); });
  });
  EXPECT_TRUE(second.get_future().get());
}

TEST_P(LaneConformance, RefusesWhatItCannotDo) {
  const auto lane = make(1);
  Task task = quick_task();
  EXPECT_TRUE(lane->can_run(task));
  std::get<EncodeStep>(task.steps[2]).encode.format = ImageFormat::kGif;
  EXPECT_FALSE(lane->can_run(task));
  Task huge = quick_task();
  if (auto* decode = std::get_if<DecodeStep>(&huge.steps[0])) {
    decode->info.width = decode->info.height = 200'000;
  } else {
    auto& reconstruct = std::get<ReconstructStep>(huge.steps[0]);
    reconstruct.width = reconstruct.height = 200'000;
  }
  EXPECT_FALSE(lane->can_run(huge));
}

TEST_P(LaneConformance, FailsTasksThatMakeNoSense) {
  const auto lane = make(1);
  Task task = quick_task();
  std::get<EncodeStep>(task.steps[2]).input.index = 2;
  const auto result = run_and_wait(*lane, task);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(lane->health().tasks_failed, 1u);
  EXPECT_TRUE(run_and_wait(*lane, quick_task()));
}

}  // namespace
}  // namespace tintype
