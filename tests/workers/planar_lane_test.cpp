// A JPEG's pictures between tasks: planes go through shared memory, and files come out the same as in one task.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "core/base/metrics.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/workers/lane_tasks.h"
#include "tests/workers/zygote_test_main.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/cpu/step_runner.h"
#include "workers/sandbox/sanitizers.h"

namespace tintype {

const ChildMain testing::kChildMain = cpu_child_main;

namespace {

using testing::file_of;
using testing::ladder_task;
using testing::planned;
using testing::run_and_wait;
using testing::text_of;

// 8 x 6 px of YCbCr, to be turned: upright 6 x 8.
Bytes jpeg() {
  std::ifstream in(PROBE_CORPUS "/baseline.jpg", std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  return Bytes::copy_of(as_bytes(text));
}

class PlanarLane : public ::testing::Test {
 protected:
  std::unique_ptr<Lane> make() {
    auto lane =
        make_cpu_lane({.slots = 1, .memory_bytes = 1ull << 30}, testing::zygote(), metrics_, testing::quiet_log());
    EXPECT_TRUE(lane) << lane.error().to_string();
    return lane ? *std::move(lane) : nullptr;
  }

  Metrics metrics_;
};

TEST_F(PlanarLane, SplitTasksMakeTheSameFilesAsOne) {
  const auto lane = make();
  // Steps: decode; for 8, 4 and 2 px a resize, a WebP and an AVIF.
  Task fused = ladder_task(jpeg(), {8, 4, 2});
  const auto whole = run_and_wait(*lane, std::move(fused));
  ASSERT_TRUE(whole) << whole.error().to_string();
  EXPECT_EQ(std::get<DecodeResult>(whole->steps[0].value).shape, (PictureShape{6, 8, PixelLayout::kYcc420}));

  Task pictures = ladder_task(jpeg(), {8, 4, 2});
  pictures.keep_pictures = {0, 1, 4, 7};
  const auto kept = run_and_wait(*lane, std::move(pictures));
  ASSERT_TRUE(kept) << kept.error().to_string();
  EXPECT_EQ(kept->steps[0].picture->shape(), (PictureShape{6, 8, PixelLayout::kYcc420}));
  for (const std::size_t resize : {1, 4, 7}) {
    const PictureShape& shape = kept->steps[resize].picture->shape();
    EXPECT_EQ(shape.layout, PixelLayout::kYcc420);
    for (const auto& [format, step] : {std::pair{ImageFormat::kWebp, resize + 1}, {ImageFormat::kAvif, resize + 2}}) {
      Task encode;
      encode.job = JobId{2};
      encode.owner = "alice";
      encode.inputs = {kept->steps[resize].picture};
      encode.steps = {EncodeStep{{PictureRef::From::kInput, 0}, planned(shape.width, shape.height, format), nullptr}};
      const auto alone = run_and_wait(*lane, std::move(encode));
      ASSERT_TRUE(alone) << alone.error().to_string();
      EXPECT_EQ(text_of(file_of(*alone, 0).bytes), text_of(file_of(*whole, step).bytes)) << shape.width;
    }
  }
}

TEST_F(PlanarLane, APictureThatWasHandedInIsReduced) {
  const auto lane = make();
  Task pictures = ladder_task(jpeg(), {8});
  pictures.keep_pictures = {0};
  const auto kept = run_and_wait(*lane, std::move(pictures));
  ASSERT_TRUE(kept) << kept.error().to_string();
  Task smaller;
  smaller.job = JobId{3};
  smaller.owner = "alice";
  smaller.inputs = {kept->steps[0].picture};
  smaller.steps = {ResizeStep{{PictureRef::From::kInput, 0}, 4, 3},
                   EncodeStep{{PictureRef::From::kStep, 0}, planned(4, 3, ImageFormat::kWebp), nullptr}};
  const auto result = run_and_wait(*lane, std::move(smaller));
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(testing::header_of(file_of(*result, 1).bytes).width, 4u);
}

TEST_F(PlanarLane, AScoreIsMeasuredOnColourAtFullResolutionAlsoBetweenTasks) {
  const auto lane = make();
  const auto with_score = [] {
    Task task = ladder_task(testing::write_jpeg(testing::make_picture(64, 48)), {64, 32});
    std::get<DecodeStep>(task.steps[0]).full_chroma = true;
    std::get<ResizeStep>(task.steps[1]).full_chroma = true;
    std::get<EncodeStep>(task.steps[2]).encode.target = QualityTarget{.score = 75};
    return task;
  };
  const auto whole = run_and_wait(*lane, with_score());
  ASSERT_TRUE(whole) << whole.error().to_string();
  EXPECT_EQ(std::get<DecodeResult>(whole->steps[0].value).shape.layout, PixelLayout::kYcc444);
  const EncodedFile& file = file_of(*whole, 2);
  ASSERT_TRUE(file.contract);
  EXPECT_EQ(file.contract->target, QualityTarget{.score = 75});
  EXPECT_EQ(file.contract->is_met(), file.contract->target.accepts(file.contract->score));
  EXPECT_FALSE(file_of(*whole, 3).contract);

  Task pictures = with_score();
  pictures.keep_pictures = {1, 4};
  const auto kept = run_and_wait(*lane, std::move(pictures));
  ASSERT_TRUE(kept) << kept.error().to_string();
  EXPECT_EQ(kept->steps[1].picture->shape(), (PictureShape{64, 48, PixelLayout::kYcc444}));
  EXPECT_EQ(kept->steps[4].picture->shape().layout, PixelLayout::kYcc420);
  Task encode;
  encode.job = JobId{2};
  encode.owner = "alice";
  encode.inputs = {kept->steps[1].picture};
  encode.steps = {
      EncodeStep{{PictureRef::From::kInput, 0}, std::get<EncodeStep>(with_score().steps[2]).encode, nullptr}};
  const auto alone = run_and_wait(*lane, std::move(encode));
  ASSERT_TRUE(alone) << alone.error().to_string();
  EXPECT_EQ(text_of(file_of(*alone, 0).bytes), text_of(file.bytes));
}

// The goal of a lane without a contract, on the file that takes the most: every coefficient of 13 MP of 4:4:4 is there
// before the first row is. libjpeg alone would hold 78 MB of them.
TEST_F(PlanarLane, ALadderOfThirteenMegapixelsTakesAtMost80Megabytes) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer's own memory counts, too";
  constexpr std::uint64_t kMostBytes = 80'000'000;
  const auto lane = make();
  const Bytes file = testing::write_jpeg(testing::make_picture(4160, 3120),
                                         {.quality = 92, .horizontal = 1, .vertical = 1, .progressive = true});
  for (const Encoder encoder : {Encoder::kTintype, Encoder::kLibwebp}) {
    Task task = ladder_task(file, {2048, 1024, 512, 256});
    std::get<DecodeStep>(task.steps[0]).min_long_side_px = 2048;
    std::erase_if(task.steps, [](const Step& step) {
      const auto* encode = std::get_if<EncodeStep>(&step);
      return encode && encode->encode.format == ImageFormat::kAvif;
    });
    // Resize steps and encodes take turns now; each resize step reads the picture of the one before.
    for (std::uint32_t i = 1; i < task.steps.size(); i += 2) {
      std::get<ResizeStep>(task.steps[i]).input.index = i < 3 ? 0 : i - 2;
      auto& encode = std::get<EncodeStep>(task.steps[i + 1]);
      encode.input.index = i;
      encode.encode.encoder = encoder;
      encode.encode.effort = 4;
    }
    const auto made = run_and_wait(*lane, std::move(task));
    ASSERT_TRUE(made) << made.error().to_string();
    EXPECT_EQ(testing::header_of(file_of(*made, 2).bytes).width, 2048u);
    RecordProperty(std::string("peak_bytes_") + std::string(encoder_name(encoder)), std::to_string(made->peak_bytes));
    EXPECT_LE(made->peak_bytes, kMostBytes) << encoder_name(encoder);
    EXPECT_GE(made->peak_bytes, 40'000'000u) << "not the memory of a lane that held this picture";
  }
}

}  // namespace
}  // namespace tintype
