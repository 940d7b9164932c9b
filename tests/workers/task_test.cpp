#include "workers/task.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "codec/probe.h"
#include "workers/shared_memory.h"
#include "workers/simulated/made_up_file.h"
#include "workers/simulated/simulated_lane.h"

namespace tintype {
namespace {

std::shared_ptr<const SourceBuffer> source(std::string_view text) {
  auto buffer = SourceBuffer::create(text.size(), [&](std::span<std::uint8_t> memory) -> Status {
    std::ranges::copy(text, memory.begin());
    return {};
  });
  EXPECT_TRUE(buffer);
  return *buffer;
}

Task ladder() {
  Task task;
  task.source = source("photo");
  const PictureRef decoded{PictureRef::From::kStep, 0}, resized{PictureRef::From::kStep, 1};
  const PlannedEncode webp{100, 75, ImageFormat::kWebp, 75, 4, Encoder::kLibwebp};
  task.steps = {DecodeStep{.info = {.width = 4000, .height = 3000}}, ResizeStep{decoded, 100, 75},
                EncodeStep{resized, webp, nullptr}, EncodeStep{resized, webp, nullptr}};
  return task;
}

TEST(Task, DescribesItsSteps) {
  EXPECT_EQ(ladder().describe(), "decode+resize+encode x2");
  Task probe;
  probe.steps = {ProbeStep{}};
  EXPECT_EQ(probe.describe(), "probe");
  Task cut;
  cut.steps = {EntropyDecodeStep{}};
  EXPECT_EQ(cut.describe(), "entropy-decode");
  cut.steps = {ReconstructStep{}, ResizeStep{}, EncodeStep{}};
  EXPECT_EQ(cut.describe(), "reconstruct+resize+encode");
}

TEST(Task, APictureOfCoefficientsHasRoomForAnyJpegOfItsSize) {
  // 4:4:4 of 13 x 2 blocks, and a header.
  EXPECT_EQ((PictureShape{100, 16, PixelLayout::kJpegCoefficients}.bytes()),
            kCoefficientsHeaderBytes + 3u * 13 * 2 * 128);
  EXPECT_FALSE((PictureShape{100, 16, PixelLayout::kJpegCoefficients}.is_planar()));
}

TEST(Task, CheckFindsWhatMakesNoSense) {
  EXPECT_TRUE(check_task(ladder()));
  const std::pair<const char*, std::function<void(Task&)>> faults[] = {
      {"no steps", [](Task& task) { task.steps.clear(); }},
      {"no source", [](Task& task) { task.source = nullptr; }},
      {"reads itself", [](Task& task) { std::get<ResizeStep>(task.steps[1]).input.index = 1; }},
      {"reads a file", [](Task& task) { std::get<EncodeStep>(task.steps[3]).input.index = 2; }},
      {"reads past the end", [](Task& task) { std::get<EncodeStep>(task.steps[3]).input.index = 99; }},
      {"reads no input", [](Task& task) { std::get<EncodeStep>(task.steps[3]).input = {PictureRef::From::kInput, 0}; }},
      {"has an empty input", [](Task& task) { task.inputs = {nullptr}; }},
      {"has no width", [](Task& task) { std::get<ResizeStep>(task.steps[1]).width = 0; }},
      {"has no height", [](Task& task) { std::get<EncodeStep>(task.steps[2]).encode.height = 0; }},
      {"is vast",
       [](Task& task) {
         std::get<DecodeStep>(task.steps[0]).info.width = std::get<DecodeStep>(task.steps[0]).info.height = 0x80000000;
       }},
      {"keeps a file", [](Task& task) { task.keep_pictures = {2}; }},
      {"keeps past the end", [](Task& task) { task.keep_pictures = {4}; }},
      {"keeps twice", [](Task& task) { task.keep_pictures = {1, 1}; }},
      {"is too long", [](Task& task) { task.steps.resize(81); }},
  };
  for (const auto& [name, spoil] : faults) {
    Task task = ladder();
    spoil(task);
    const Status status = check_task(task);
    ASSERT_FALSE(status) << name;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Task, EstimateGrowsWithThePhoto) {
  // Its own picture is wanted, so that it is held whole.
  const auto whole = [] {
    Task task = ladder();
    task.keep_pictures = {0};
    return task;
  };
  const Task task = whole();
  Task larger = whole();
  std::get<DecodeStep>(larger.steps[0]).info.width = 8000;
  EXPECT_GT(estimate_task_bytes(task), 36'000'000u);
  EXPECT_GE(estimate_task_bytes(larger), estimate_task_bytes(task) + 36'000'000u);
  // A JPEG that may be decoded at a quarter takes a sixteenth.
  Task scaled = whole();
  std::get<DecodeStep>(scaled.steps[0]).min_long_side_px = 1000;
  EXPECT_LT(estimate_task_bytes(scaled), estimate_task_bytes(task) - 30'000'000u);
}

TEST(Task, EstimateOfAJpegThatIsOnlyReducedIsOfItsRows) {
  Task task = ladder();
  EXPECT_LT(estimate_task_bytes(task), 64'000'000u + 10'000'000u);
  std::get<DecodeStep>(task.steps[0]).info.progressive = true;
  EXPECT_GT(estimate_task_bytes(task), 64'000'000u + 60'000'000u) << "its coefficients";
  Task png = ladder();
  std::get<DecodeStep>(png.steps[0]).info.format = ImageFormat::kPng;
  EXPECT_GT(estimate_task_bytes(png), 64'000'000u + 36'000'000u) << "it goes by RGB";
}

TEST(Task, EstimateOfAScoreHoldsThePictureAsTheMetricKeepsIt) {
  Task plain = ladder(), scored = ladder();
  std::get<EncodeStep>(plain.steps[2]).encode.width = std::get<EncodeStep>(scored.steps[2]).encode.width = 4000;
  std::get<EncodeStep>(plain.steps[2]).encode.height = std::get<EncodeStep>(scored.steps[2]).encode.height = 3000;
  std::get<EncodeStep>(scored.steps[2]).encode.target = QualityTarget{};
  EXPECT_GT(estimate_task_bytes(scored), estimate_task_bytes(plain) + 12'000'000u * 40);
}

TEST(SourceBuffer, CannotBeChanged) {
  const auto buffer = source("photo");
  ASSERT_EQ(buffer->size(), 5u);
  char text[5];
  ASSERT_EQ(pread(buffer->fd(), text, 5, 0), 5);
  EXPECT_EQ(std::string_view(text, 5), "photo");
  EXPECT_LT(pwrite(buffer->fd(), "x", 1, 0), 0);
  EXPECT_LT(ftruncate(buffer->fd(), 0), 0);
  EXPECT_EQ(mmap(nullptr, 5, PROT_WRITE, MAP_SHARED, buffer->fd(), 0), MAP_FAILED);
}

TEST(SourceBuffer, MayBeEmptyAndPassesErrorsOn) {
  EXPECT_EQ(source("")->size(), 0u);
  const auto failed = SourceBuffer::create(5, [](auto) -> Status { return fail(ErrorCode::kIo, "cut off"); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "cut off");
}

TEST(SharedMemory, IsSealedOnlyWhenNobodyCanWrite) {
  auto fd = make_shared_memory("test", 4096);
  ASSERT_TRUE(fd);
  {
    const auto mapping = Mapping::map(fd->get(), 4096, Mapping::Access::kReadWrite);
    ASSERT_TRUE(mapping);
    EXPECT_FALSE(seal_for_good(fd->get()));
  }
  EXPECT_TRUE(seal_for_good(fd->get()));
  EXPECT_FALSE(write_exactly(fd->get(), as_bytes("x"), 0));
}

TEST(MadeUpFile, HasATrueHeader) {
  for (ImageFormat format : {ImageFormat::kWebp, ImageFormat::kAvif}) {
    for (const auto& [width, height] : {std::pair(1u, 1u), std::pair(2048u, 1365u), std::pair(1u, 16383u)}) {
      const auto file = make_up_file(format, width, height);
      ASSERT_TRUE(file) << file.error().to_string();
      const auto info = probe(*file);
      ASSERT_TRUE(info) << format_name(format) << ": " << info.error().to_string();
      EXPECT_EQ(info->format, format);
      EXPECT_EQ(info->width, width);
      EXPECT_EQ(info->height, height);
      EXPECT_EQ(info->orientation, 1);
      EXPECT_EQ(info->frames, 1u);
    }
  }
  EXPECT_FALSE(make_up_file(ImageFormat::kWebp, 16384, 1));
  EXPECT_FALSE(make_up_file(ImageFormat::kJpeg, 10, 10));
}

}  // namespace
}  // namespace tintype
