// A decode cut in two by coefficients makes what one decode makes, on the CPU lane: what devices' results are checked
// against.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/planar_photos.h"
#include "tests/workers/device/device_tasks.h"
#include "tests/workers/lane_tasks.h"
#include "tests/workers/zygote_test_main.h"
#include "workers/coefficient_picture.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/shared_memory.h"
#include "workers/wire/answer_check.h"

namespace tintype {

const ChildMain testing::kChildMain = cpu_child_main;

namespace {

using namespace tintype::testing;

constexpr MetadataPolicy kPolicy{.colour_profile = true, .date = true};

class CoefficientSteps : public ::testing::Test {
 protected:
  void SetUp() override {
    auto lane = make_cpu_lane({.slots = 1, .memory_bytes = 4ull << 30}, zygote(), metrics_, quiet_log());
    ASSERT_TRUE(lane) << lane.error().to_string();
    lane_ = *std::move(lane);
  }

  static Task entropy_task(ByteView file, std::uint32_t min_long_side_px) {
    Task task;
    task.job = {1};
    task.owner = "alice";
    task.source = in_shared_memory(file);
    task.steps = {EntropyDecodeStep{header_of(file), min_long_side_px, DamagedPolicy::kRefuse, kPolicy}};
    task.keep_pictures = {0};
    return task;
  }

  // For each long side a resize (kept) and a WebP by our encoder, the first one's chroma at full resolution if
  // `is_measured`.
  static void add_rungs(Task& task, const SourceInfo& info, const std::vector<std::uint32_t>& long_sides,
                        std::shared_ptr<const EmbeddedMetadata> metadata) {
    std::uint32_t picture = 0;
    const std::uint32_t longest = std::max(info.width, info.height);
    for (const std::uint32_t side : long_sides) {
      const auto scaled = [&](std::uint32_t own) {
        return std::max(1u, static_cast<std::uint32_t>(std::uint64_t{own} * side / longest));
      };
      const std::uint32_t width = scaled(info.upright_width()), height = scaled(info.upright_height());
      task.steps.push_back(ResizeStep{{PictureRef::From::kStep, picture}, width, height});
      picture = static_cast<std::uint32_t>(task.steps.size() - 1);
      task.keep_pictures.push_back(picture);
      const PlannedEncode encode{width, height, ImageFormat::kWebp, 70, 4, Encoder::kTintype};
      task.steps.push_back(EncodeStep{{PictureRef::From::kStep, picture}, encode, metadata, true});
    }
  }

  // Both ways, which have to agree.
  void expect_equal(ByteView file, const std::vector<std::uint32_t>& long_sides, bool is_scaled,
                    const std::string& what) {
    SCOPED_TRACE(what);
    const SourceInfo info = header_of(file);
    const std::uint32_t min_side = is_scaled ? long_sides.front() : 0;
    Task fused;
    fused.job = {1};
    fused.owner = "alice";
    fused.source = in_shared_memory(file);
    fused.steps = {DecodeStep{info, min_side, DamagedPolicy::kRefuse, kPolicy}};
    add_rungs(fused, info, long_sides, nullptr);

    const auto entropy = run_and_wait(*lane_, entropy_task(file, min_side));
    ASSERT_TRUE(entropy) << entropy.error().to_string();
    const auto& decoded = std::get<DecodeResult>(entropy->steps[0].value);
    Task rest;
    rest.job = {1};
    rest.owner = "alice";
    rest.inputs = {entropy->steps[0].picture};
    rest.steps = {ReconstructStep{
        {PictureRef::From::kInput, 0}, decoded.shape.width, decoded.shape.height, info.orientation, false}};
    add_rungs(rest, info, long_sides, decoded.embedded);

    const auto whole = run_and_wait(*lane_, fused);
    ASSERT_TRUE(whole) << whole.error().to_string();
    auto made = run_and_wait(*lane_, rest);
    ASSERT_TRUE(made) << made.error().to_string();
    const auto& whole_decoded = std::get<DecodeResult>(whole->steps[0].value);
    EXPECT_EQ(decoded.shape, whole_decoded.shape);
    EXPECT_EQ(decoded.metadata_json, whole_decoded.metadata_json);
    EXPECT_EQ(decoded.taken_at_ms, whole_decoded.taken_at_ms);
    EXPECT_EQ(decoded.warnings, whole_decoded.warnings);
    made->steps[0].value = whole_decoded;
    expect_equal_results(*made, *whole);
  }

  ErrorCode code_of(ByteView file) {
    const auto result = run_and_wait(*lane_, entropy_task(file, 0));
    EXPECT_FALSE(result);
    return result ? ErrorCode::kInternal : result.error().code;
  }

  Metrics metrics_;
  std::unique_ptr<Lane> lane_;
};

TEST_F(CoefficientSteps, MakeWhatADecodeMakes) {
  const Image picture = make_picture(203, 152);
  expect_equal(write_jpeg(picture), {203, 100, 37}, false, "4:2:0 at its own size");
  expect_equal(write_jpeg(picture, {.horizontal = 1, .vertical = 1, .progressive = true}), {101, 50}, true,
               "4:4:4, scaled");
  expect_equal(write_jpeg(picture, {.horizontal = 2, .vertical = 1}), {64}, true, "4:2:2");
  expect_equal(write_jpeg(picture, {.colour = JpegColour::kGray}), {120}, false, "gray");
  const Bytes exif = exif_with_orientation(8);
  expect_equal(write_jpeg(picture, {.exif = exif.view()}), {150, 20}, false, "turned");
}

TEST_F(CoefficientSteps, MakeOfPhotosWhatADecodeMakes) {
  int compared = 0;
  const int looked_at = for_each_planar_photo(13, [&](const std::string& path, ByteView file, const SourceInfo& info) {
    if (std::max(info.width, info.height) < 1024) return true;
    expect_equal(file, {512, 256}, true, path);
    return ++compared < 5;
  });
  if (looked_at < 0) GTEST_SKIP() << "TINTYPE_PHOTOS names no folder";
  EXPECT_GT(compared, 0);
}

TEST_F(CoefficientSteps, FilesThatHaveToBeDecodedAreUnsupported) {
  const Image picture = make_picture(40, 30);
  EXPECT_EQ(code_of(make_webp_photo(40, 30)), ErrorCode::kUnsupported) << "no JPEG";
  EXPECT_EQ(code_of(write_jpeg(picture, {.colour = JpegColour::kCmyk})), ErrorCode::kUnsupported)
      << "its colours change";
  const Bytes whole = write_jpeg(make_picture(400, 300));
  EXPECT_EQ(code_of(whole.view().first(whole.size() / 2)), ErrorCode::kUnsupported) << "damaged: decode says how";
}

TEST_F(CoefficientSteps, TasksThatMixUpPicturesAndCoefficientsAreRefused) {
  const PictureHandle coefficients = coefficients_of({.width = 40, .height = 30});
  const PictureHandle planes = make_host_picture({40, 30, PixelLayout::kYcc420}, UniqueFd());
  Task task = quick_device_task();
  EXPECT_TRUE(check_task(task));
  task.inputs = {planes};
  EXPECT_FALSE(check_task(task)) << "planes are not reconstructed";
  task.inputs = {coefficients};
  task.steps = {ResizeStep{{PictureRef::From::kInput, 0}, 20, 15}};
  EXPECT_FALSE(check_task(task)) << "coefficients are not resized";
  task.steps = {ReconstructStep{{PictureRef::From::kInput, 0}, 40, 30, 9, false}};
  EXPECT_FALSE(check_task(task)) << "there are eight orientations";
  Task entropy = entropy_task(write_jpeg(make_picture(40, 30)), 0);
  EXPECT_TRUE(check_task(entropy));
  entropy.keep_pictures.clear();
  EXPECT_FALSE(check_task(entropy)) << "for nobody";
  entropy.keep_pictures = {0};
  entropy.steps.push_back(ResizeStep{{PictureRef::From::kStep, 0}, 20, 15});
  EXPECT_FALSE(check_task(entropy)) << "coefficients are not resized";
}

// What a child says of coefficients, and what it wrote.
class ClaimedCoefficients : public ::testing::Test {
 protected:
  ClaimedCoefficients() {
    const Bytes file = write_jpeg(make_picture(100, 75));
    task_.source = in_shared_memory(file);
    task_.steps = {EntropyDecodeStep{header_of(file), 0, DamagedPolicy::kRefuse, kPolicy}};
    task_.keep_pictures = {0};
    answer_.steps.resize(1);
    answer_.steps[0].value =
        DecodeResult{.shape = {100, 75, PixelLayout::kYcc420}, .embedded = std::make_shared<EmbeddedMetadata>()};
    answer_.steps[0].picture = PictureShape{100, 75, PixelLayout::kJpegCoefficients};
  }

  Result<TaskResult> check(const JpegCoefficients& jpeg) {
    TaskMemory memory;
    auto fd = make_shared_memory("tintype-test", max_picture_bytes(task_, 0));
    EXPECT_TRUE(fd && write_coefficients(jpeg, fd->get()));
    memory.kept.push_back(*std::move(fd));
    return check_answer(task_, answer_, memory, 1);
  }

  Task task_;
  WorkerAnswer answer_;
  JpegCoefficients jpeg_ = make_up_photo({.width = 100, .height = 75});
};

TEST_F(ClaimedCoefficients, AreTakenWhereTheyCanBe) {
  const auto result = check(jpeg_);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->steps[0].picture->shape(), (PictureShape{100, 75, PixelLayout::kJpegCoefficients}));
}

TEST_F(ClaimedCoefficients, OfAnotherSizeAreALie) {
  answer_.steps[0].picture->width = 99;
  EXPECT_EQ(check(jpeg_).error().code, ErrorCode::kWorkerLied);
}

TEST_F(ClaimedCoefficients, WithAHeaderThatCannotBeAreALie) {
  jpeg_.components[1].width_blocks = 1 << 30;
  EXPECT_EQ(check(jpeg_).error().code, ErrorCode::kWorkerLied);
}

TEST_F(ClaimedCoefficients, AsAPictureAreALie) {
  answer_.steps[0].value = DecodeResult{.shape = {100, 75, PixelLayout::kJpegCoefficients},
                                        .embedded = std::make_shared<EmbeddedMetadata>()};
  EXPECT_EQ(check(jpeg_).error().code, ErrorCode::kWorkerLied);
}

}  // namespace
}  // namespace tintype
