#include "scheduler/job_tasks.h"

#include <gtest/gtest.h>

#include "core/job/plan.h"

namespace tintype {
namespace {

SourceInfo photo(std::uint32_t width, std::uint32_t height) {
  return {.format = ImageFormat::kJpeg, .width = width, .height = height, .bytes = 1'000'000};
}

Plan plan_for(const SourceInfo& source) { return *make_plan(builtin_recipes().front(), source, {}); }

TEST(JobTasks, FusedMakesEachSizeOnceFromTheNextLarger) {
  const SourceInfo source = photo(4000, 3000);
  const Plan plan = plan_for(source);
  const FusedTask fused = make_fused_task({}, source, plan, nullptr);
  EXPECT_EQ(fused.task.describe(), "decode+resize x4+encode x8");
  EXPECT_EQ(std::get<DecodeStep>(fused.task.steps[0]).min_long_side_px, 2048u);
  for (std::size_t i = 0; i < plan.encodes.size(); ++i) {
    const auto& encode = std::get<EncodeStep>(fused.task.steps.at(fused.encode_steps[i]));
    EXPECT_EQ(encode.encode, plan.encodes[i]);
    const auto& resize = std::get<ResizeStep>(fused.task.steps.at(encode.input.index));
    EXPECT_EQ(resize.width, plan.encodes[i].width);
    EXPECT_LT(resize.input.index, encode.input.index);
  }
}

TEST(JobTasks, APhotoSmallerThanTheRungIsEncodedAsItIs) {
  const SourceInfo source = photo(200, 100);
  const Plan plan = plan_for(source);
  ASSERT_EQ(plan.encodes.size(), 2u) << "four rungs come to one size";
  const FusedTask fused = make_fused_task({}, source, plan, nullptr);
  EXPECT_EQ(fused.task.describe(), "decode+encode x2");
  EXPECT_EQ(std::get<DecodeStep>(fused.task.steps[0]).min_long_side_px, 0u) << "every pixel is needed";
}

TEST(JobTasks, SplitKeepsEachPictureOnce) {
  const SourceInfo source = photo(1500, 3000);
  const Plan plan = plan_for(source);
  const PictureTask pictures = make_picture_task({}, source, plan, nullptr);
  EXPECT_EQ(pictures.picture_steps.size(), plan.encodes.size());
  EXPECT_EQ(pictures.task.keep_pictures.size(), 4u) << "one a size, for both formats";
}

}  // namespace
}  // namespace tintype
