#include "tests/workers/lane_tasks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <future>
#include <utility>

#include "codec/encode.h"
#include "codec/probe.h"

namespace tintype::testing {

Image make_picture(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
  Image image = Image::allocate(width, height, channels);
  for (std::uint32_t y = 0; y < height; ++y) {
    std::uint8_t* row = image.row(y);
    for (std::uint32_t x = 0; x < width; ++x) {
      const std::uint32_t texture = (x * 7 + y * 13) % 11 + (x * y) % 5;
      row[x * channels] = static_cast<std::uint8_t>(x * 200 / width + texture);
      row[x * channels + 1] = static_cast<std::uint8_t>(y * 200 / height + texture);
      row[x * channels + 2] = static_cast<std::uint8_t>((x + y) * 100 / (width + height) + texture);
      if (channels == 4) row[x * channels + 3] = static_cast<std::uint8_t>(255 - x * 100 / width);
    }
  }
  return image;
}

Bytes make_webp_photo(std::uint32_t width, std::uint32_t height, std::string_view trailer) {
  const EncodeOptions options{ImageFormat::kWebp, Encoder::kLibwebp, 80, 0, 1};
  const Result<Bytes> file = encode(make_picture(width, height), options, {}, {});
  if (!file) {
    ADD_FAILURE() << file.error().to_string();
    return {};
  }
  Bytes bytes(file->size() + trailer.size());
  std::memcpy(bytes.data(), file->data(), file->size());
  std::ranges::copy(trailer, bytes.data() + file->size());
  return bytes;
}

std::shared_ptr<const SourceBuffer> in_shared_memory(ByteView bytes) {
  auto buffer = SourceBuffer::create(bytes.size(), [&](std::span<std::uint8_t> memory) -> Status {
    std::ranges::copy(bytes, memory.begin());
    return {};
  });
  EXPECT_TRUE(buffer);
  return buffer ? *buffer : nullptr;
}

SourceInfo header_of(ByteView file) {
  const Result<SourceInfo> info = probe(file);
  EXPECT_TRUE(info) << info.error().to_string();
  return info ? *info : SourceInfo{};
}

PlannedEncode planned(std::uint32_t width, std::uint32_t height, ImageFormat format) {
  const bool webp = format == ImageFormat::kWebp;
  return {width, height, format, webp ? 75 : 60, webp ? 2 : 1, webp ? Encoder::kLibwebp : Encoder::kAom};
}

Task ladder_task(ByteView file, const std::vector<std::uint32_t>& widths, JobId job) {
  const SourceInfo info = header_of(file);
  Task task;
  task.job = job;
  task.owner = "alice";
  task.source = in_shared_memory(file);
  task.steps.push_back(DecodeStep{.info = info});
  std::uint32_t picture = 0;
  for (std::uint32_t width : widths) {
    const auto height = static_cast<std::uint32_t>(std::uint64_t{width} * info.height / info.width);
    task.steps.push_back(ResizeStep{{PictureRef::From::kStep, picture}, width, height});
    picture = static_cast<std::uint32_t>(task.steps.size() - 1);
    for (ImageFormat format : {ImageFormat::kWebp, ImageFormat::kAvif}) {
      task.steps.push_back(EncodeStep{{PictureRef::From::kStep, picture}, planned(width, height, format), nullptr});
    }
  }
  return task;
}

Task quick_task(ByteView file, JobId job, std::string owner) {
  Task task = ladder_task(file, {32}, job);
  task.steps.pop_back();  // the AVIF
  task.owner = std::move(owner);
  return task;
}

Result<TaskResult> run_and_wait(Lane& lane, Task task) {
  std::promise<Result<TaskResult>> promise;
  std::future<Result<TaskResult>> future = promise.get_future();
  lane.submit(std::move(task), [&](Result<TaskResult> result) { promise.set_value(std::move(result)); });
  return future.get();
}

const EncodedFile& file_of(const TaskResult& result, std::size_t step) {
  return std::get<EncodedFile>(result.steps.at(step).value);
}

std::string text_of(const Bytes& bytes) { return std::string(as_text(bytes)); }

}  // namespace tintype::testing
