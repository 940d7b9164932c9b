#include "scheduler/cost_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/job/plan.h"
#include "scheduler/job_tasks.h"

namespace tintype {
namespace {

// A made-up farm: the true cost of each step, with noise; sources as photos come.
class CostWorld {
 public:
  std::vector<StepShape> next_job() {
    SourceInfo source{.format = ImageFormat::kJpeg};
    source.width = 800 + random_() % 5000;
    source.height = source.width * 3 / 4;
    source.bytes =
        static_cast<std::uint64_t>(double(source.pixels()) * std::uniform_real_distribution(0.08, 0.5)(random_));
    const Plan plan = *make_plan(builtin_recipes().front(), source, {});
    return shape_steps(make_fused_task({}, source, plan, nullptr).task);
  }

  TaskResult run(const std::vector<StepShape>& steps, double slowness, bool tells_steps) {
    std::normal_distribution<double> noise(0, 0.10);
    TaskResult result;
    for (const StepShape& step : steps) {
      const auto& x = step.features;
      double seconds = 0.002 * x[0] + 0.001 * x[1];
      if (step.kind.starts_with("decode")) seconds = 0.006 * x[0] + 0.004 * x[1] + 0.002 * x[2];
      if (step.kind.starts_with("encode/webp")) seconds = 0.05 * x[1] + 0.012 * x[2];
      if (step.kind.starts_with("encode/avif")) seconds = 0.10 * x[1] + 0.10 * x[2] + 0.003;
      seconds *= slowness * std::exp(noise(random_));
      result.work_seconds += seconds;
      result.steps.push_back({tells_steps ? seconds : 0.0, {}, nullptr});
    }
    return result;
  }

 private:
  std::mt19937 random_{7};
};

double median_error(CostModel& model, CostWorld& world, const std::string& lane, double slowness, bool tells_steps,
                    int jobs) {
  std::vector<double> errors;
  for (int i = 0; i < jobs; ++i) {
    const auto steps = world.next_job();
    const double predicted = model.predict(lane, steps);
    const TaskResult result = world.run(steps, slowness, tells_steps);
    errors.push_back(std::abs(predicted - result.work_seconds) / result.work_seconds);
    model.observe(lane, steps, result);
  }
  std::ranges::nth_element(errors, errors.begin() + errors.size() / 2);
  return errors[errors.size() / 2];
}

TEST(CostModel, LearnsALaneThatTimesItsSteps) {
  CostModel model;
  CostWorld world;
  median_error(model, world, "cpu", 1, true, 50);
  EXPECT_LE(median_error(model, world, "cpu", 1, true, 200), 0.12);
}

TEST(CostModel, LearnsALaneThatTellsOnlyTheSum) {
  CostModel model;
  CostWorld world;
  median_error(model, world, "gpu", 0.1, false, 100);
  EXPECT_LE(median_error(model, world, "gpu", 0.1, false, 200), 0.20);
}

TEST(CostModel, FollowsALaneThatSlowsThreefoldWithin30Jobs) {
  for (const bool tells_steps : {true, false}) {
    CostModel model;
    CostWorld world;
    median_error(model, world, "cpu", 1, tells_steps, 200);
    median_error(model, world, "cpu", 3, tells_steps, 30);
    EXPECT_LE(median_error(model, world, "cpu", 3, tells_steps, 50), 0.25) << "tells steps: " << tells_steps;
    median_error(model, world, "cpu", 1, tells_steps, 30);
    EXPECT_LE(median_error(model, world, "cpu", 1, tells_steps, 50), 0.25) << "and back";
  }
}

TEST(CostModel, StaysSaneOnOddTasks) {
  CostModel model;
  Task task;
  EXPECT_GE(model.predict("cpu", shape_steps(task)), 0);
  task.steps.push_back(DecodeStep{});                                     // no source, no size
  task.steps.push_back(ResizeStep{{PictureRef::From::kStep, 99}, 1, 1});  // points nowhere
  const auto steps = shape_steps(task);
  for (int i = 0; i < 1000; ++i) model.observe("cpu", steps, {.steps = {}, .work_seconds = 0});
  const double predicted = model.predict("cpu", steps);
  EXPECT_GT(predicted, 0);
  EXPECT_LT(predicted, 1);
}

TEST(CostModel, KnowsHowSmallJpegsAreDecoded) {
  Task task;
  task.steps.push_back(DecodeStep{.info = {.width = 8000, .height = 6000}, .min_long_side_px = 1000});
  EXPECT_NEAR(shape_steps(task)[0].megapixels, 0.75, 0.01) << "one eighth a side";
}

}  // namespace
}  // namespace tintype
