#include "scheduler/device_cut.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scheduler/job_tasks.h"

namespace tintype {
namespace {

Recipe recipe_of(Encoder webp_encoder) {
  Recipe recipe = builtin_recipes().front();
  for (Rung& rung : recipe.rungs) {
    if (rung.format == ImageFormat::kWebp) rung.encoder = webp_encoder;
  }
  return recipe;
}

SourceInfo photo(std::uint32_t width, std::uint32_t height) {
  return {.format = ImageFormat::kJpeg, .width = width, .height = height, .orientation = 6, .bytes = 1'000'000};
}

std::shared_ptr<const SourceBuffer> some_bytes() {
  return *SourceBuffer::create(4, [](std::span<std::uint8_t> out) {
    std::ranges::fill(out, std::uint8_t{1});
    return Status();
  });
}

TEST(DeviceCut, EveryFileIsMadeByOneOfTheTasks) {
  for (const SourceInfo& source :
       {photo(4000, 3000), photo(3000, 4001), photo(200, 100), photo(2048, 1), photo(9000, 9000)}) {
    const Plan plan = *make_plan(recipe_of(Encoder::kTintype), source, {});
    const Task entropy = make_entropy_task({}, source, plan, some_bytes());
    EXPECT_TRUE(check_task(entropy)) << check_task(entropy).error().message;
    const DeviceTask device = make_device_task({}, source, plan, promised_by(source, plan));
    ASSERT_TRUE(check_task(device.task)) << check_task(device.task).error().message;
    const auto [on_device, on_cpu] = place_encodes(plan);
    EXPECT_EQ(on_device.size() + on_cpu.size(), plan.encodes.size());
    ASSERT_EQ(device.encode_steps.size(), on_device.size());
    for (std::size_t i = 0; i < on_device.size(); ++i) {
      const auto& step = std::get<EncodeStep>(device.task.steps.at(device.encode_steps[i]));
      EXPECT_EQ(step.encode, plan.encodes[on_device[i]]);
      EXPECT_EQ(step.wants_thumbhash, makes_thumbhash(plan, on_device[i]));
      if (const auto* resize = std::get_if<ResizeStep>(&device.task.steps.at(step.input.index))) {
        EXPECT_EQ(resize->width, step.encode.width);
      }
    }
    ASSERT_EQ(device.picture_steps.size(), on_cpu.size());
    for (const std::uint32_t step : device.picture_steps)
      EXPECT_TRUE(std::ranges::contains(device.task.keep_pictures, step));
  }
}

TEST(DeviceCut, OfCoefficientsTheDeviceMakesTheFusedTasksPictures) {
  const SourceInfo source = photo(4000, 3000);
  const Plan plan = *make_plan(recipe_of(Encoder::kTintype), source, {});
  const Task entropy = make_entropy_task({}, source, plan, some_bytes());
  EXPECT_EQ(entropy.describe(), "entropy-decode");
  const FusedTask fused = make_fused_task({}, source, plan, some_bytes());
  EXPECT_EQ(std::get<EntropyDecodeStep>(entropy.steps[0]).min_long_side_px,
            std::get<DecodeStep>(fused.task.steps[0]).min_long_side_px);

  const DeviceTask device = make_device_task({}, source, plan, promised_by(source, plan));
  EXPECT_EQ(device.task.describe(), "reconstruct+resize x4+encode x4");
  const auto& reconstruct = std::get<ReconstructStep>(device.task.steps[0]);
  EXPECT_EQ(reconstruct.width, 3000u) << "upright";
  EXPECT_EQ(reconstruct.orientation, 6);
  EXPECT_EQ(device.task.keep_pictures.size(), 4u) << "for AVIF";
  for (std::size_t i = 1; i <= 4; ++i) {
    const auto& here = std::get<ResizeStep>(device.task.steps[i]);
    const auto& there = std::get<ResizeStep>(fused.task.steps[i]);
    EXPECT_EQ(here.width, there.width);
    EXPECT_EQ(here.height, there.height);
    EXPECT_EQ(here.input.index, there.input.index);
  }
}

TEST(DeviceCut, WithoutAvifNothingComesBackButFiles) {
  Recipe recipe = builtin_recipes()[1];
  for (Rung& rung : recipe.rungs) rung.encoder = Encoder::kTintype;
  const SourceInfo source = photo(4000, 3000);
  const Plan plan = *make_plan(recipe, source, {});
  EXPECT_TRUE(make_device_task({}, source, plan, promised_by(source, plan)).task.keep_pictures.empty());
  EXPECT_TRUE(place_encodes(plan).cpu.empty());
}

TEST(DeviceCut, OtherEncodersAndScoresAreNotForDevices) {
  const SourceInfo source = photo(4000, 3000);
  EXPECT_TRUE(place_encodes(*make_plan(recipe_of(Encoder::kLibwebp), source, {})).device.empty());
  Recipe scored = recipe_of(Encoder::kTintype);
  scored.rungs[1].target = QualityTarget{.score = 70};
  EXPECT_TRUE(place_encodes(*make_plan(scored, source, {})).device.empty()) << "its neighbours share its picture";
}

TEST(DeviceCut, TheCheckMakesWhatTheDeviceMakes) {
  const SourceInfo source = photo(4000, 3000);
  const Plan plan = *make_plan(recipe_of(Encoder::kTintype), source, {});
  const DeviceTask check = make_check_task({}, source, plan, some_bytes());
  EXPECT_TRUE(check_task(check.task));
  EXPECT_EQ(check.task.describe(), "decode+resize x4+encode x4");
  const DeviceTask device = make_device_task({}, source, plan, promised_by(source, plan));
  EXPECT_EQ(check.encode_steps, device.encode_steps);
  EXPECT_EQ(check.picture_steps, device.picture_steps);
}

TEST(DeviceCut, EncodesOfOnePictureReadItOnce) {
  const SourceInfo source = photo(4000, 3000);
  const Plan plan = *make_plan(recipe_of(Encoder::kTintype), source, {});
  const PictureHandle large = promise({1536, 2048, PixelLayout::kYcc420});
  const PictureHandle small = promise({768, 1024, PixelLayout::kYcc420});
  const Task task = make_encodes_task({}, plan, {0, 1, 2}, {large, large, small}, nullptr);
  EXPECT_EQ(task.inputs.size(), 2u);
  EXPECT_EQ(std::get<EncodeStep>(task.steps[1]).input.index, 0u);
  EXPECT_EQ(std::get<EncodeStep>(task.steps[2]).input.index, 1u);
}

}  // namespace
}  // namespace tintype
