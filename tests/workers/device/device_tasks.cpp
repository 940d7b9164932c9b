#include "tests/workers/device/device_tasks.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/workers/device/fake_engine.h"
#include "tests/workers/lane_tasks.h"
#include "workers/coefficient_picture.h"
#include "workers/shared_memory.h"

namespace tintype::testing {

std::string bytes_of_picture(const Picture& picture) {
  std::string bytes(picture.shape().bytes(), '\0');
  const auto fd = picture.host_fd();
  EXPECT_TRUE(fd && read_exactly(*fd, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}, 0));
  return bytes;
}

PictureHandle coefficients_of(const MadeUpPhoto& photo) {
  const PictureShape shape{photo.width, photo.height, PixelLayout::kJpegCoefficients};
  auto fd = make_shared_memory("tintype-test", shape.bytes());
  EXPECT_TRUE(fd);
  if (!fd) return nullptr;
  EXPECT_TRUE(write_coefficients(make_up_photo(photo), fd->get()));
  EXPECT_TRUE(seal_for_good(fd->get()));
  return make_host_picture(shape, *std::move(fd));
}

Task device_ladder_task(PictureHandle coefficients, const std::vector<std::uint32_t>& widths, JobId job) {
  Task task;
  task.job = job;
  task.owner = "alice";
  const PictureShape shape = coefficients->shape();
  task.inputs = {std::move(coefficients)};
  task.steps.push_back(ReconstructStep{{PictureRef::From::kInput, 0}, shape.width, shape.height, 1, false});
  std::uint32_t picture = 0;
  for (const std::uint32_t width : widths) {
    const auto height = std::max(1u, static_cast<std::uint32_t>(std::uint64_t{width} * shape.height / shape.width));
    task.steps.push_back(ResizeStep{{PictureRef::From::kStep, picture}, width, height});
    picture = static_cast<std::uint32_t>(task.steps.size() - 1);
    for (const int quality : {80, 50}) {
      const PlannedEncode encode{width, height, ImageFormat::kWebp, quality, quality == 80 ? 4 : 1, Encoder::kTintype};
      task.steps.push_back(EncodeStep{{PictureRef::From::kStep, picture}, encode, nullptr});
    }
  }
  return task;
}

Task quick_device_task(JobId job) {
  Task task = device_ladder_task(coefficients_of({.width = 160, .height = 120}), {32}, job);
  task.steps.pop_back();
  return task;
}

Task ill_device_task(std::string_view what, JobId job) {
  Task task = quick_device_task(job);
  std::get<EncodeStep>(task.steps.back()).metadata = ill(what);
  return task;
}

void expect_equal_results(const TaskResult& a, const TaskResult& b) {
  ASSERT_EQ(a.steps.size(), b.steps.size());
  for (std::size_t i = 0; i < a.steps.size(); ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    ASSERT_EQ(a.steps[i].value.index(), b.steps[i].value.index());
    if (const auto* file = std::get_if<EncodedFile>(&a.steps[i].value)) {
      const EncodedFile& other = file_of(b, i);
      EXPECT_TRUE(text_of(file->bytes) == text_of(other.bytes))
          << file->bytes.size() << " and " << other.bytes.size() << " bytes";
      EXPECT_EQ(file->thumbhash, other.thumbhash);
      EXPECT_EQ(file->encoder, other.encoder);
      EXPECT_EQ(file->quality, other.quality);
    }
    ASSERT_EQ(a.steps[i].picture == nullptr, b.steps[i].picture == nullptr);
    if (!a.steps[i].picture) continue;
    EXPECT_EQ(a.steps[i].picture->shape(), b.steps[i].picture->shape());
    EXPECT_TRUE(bytes_of_picture(*a.steps[i].picture) == bytes_of_picture(*b.steps[i].picture));
  }
}

}  // namespace tintype::testing
