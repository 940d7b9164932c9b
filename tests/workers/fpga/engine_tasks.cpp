#include "tests/workers/fpga/engine_tasks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "workers/coefficient_picture.h"
#include "workers/device/cpu_answer.h"
#include "workers/device/made_up_photo.h"

namespace tintype::testing {

PhotoTask::PhotoTask(const JpegCoefficients& jpeg, std::uint32_t stored_width, std::uint32_t stored_height,
                     std::uint8_t orientation, std::vector<std::uint32_t> divisors) {
  const PictureShape shape{stored_width, stored_height, PixelLayout::kJpegCoefficients};
  const auto fd = make_shared_memory("tintype-test", shape.bytes());
  EXPECT_TRUE(fd && write_coefficients(jpeg, fd->get()));
  memory_ = *Mapping::map(fd->get(), shape.bytes(), Mapping::Access::kRead);
  inputs_ = {{shape, memory_.view()}};
  const bool swaps = orientation >= 5;
  const std::uint32_t width = swaps ? jpeg.height : jpeg.width, height = swaps ? jpeg.width : jpeg.height;
  steps_.push_back(ReconstructStep{{PictureRef::From::kInput, 0}, width, height, orientation, false});
  int effort = 0;
  for (const std::uint32_t divisor : divisors) {
    const std::uint32_t w = std::max(1u, width / divisor), h = std::max(1u, height / divisor);
    std::uint32_t picture = 0;
    if (divisor > 1) {
      picture = static_cast<std::uint32_t>(steps_.size());
      steps_.push_back(ResizeStep{{PictureRef::From::kStep, 0}, w, h, false});
    }
    const PlannedEncode encode{w, h, ImageFormat::kWebp, 60 + 5 * effort, effort, Encoder::kTintype};
    steps_.push_back(EncodeStep{{PictureRef::From::kStep, picture}, encode, nullptr, divisor == divisors.back()});
    keep_ = {picture};
    effort = (effort + 4) % 8;  // fast, default, then again
    effort = effort > 6 ? 6 : effort;
  }
}

std::string PhotoTask::difference(const std::vector<EngineStepResult>& made) const {
  const auto expected = answer_on_cpu(view());
  if (!expected) return "the CPU fails: " + expected.error().message;
  if (made.size() != expected->size()) return "another number of steps";
  for (std::size_t i = 0; i < made.size(); ++i) {
    const EngineStepResult &one = made[i], &other = (*expected)[i];
    const std::string where = " of step " + std::to_string(i);
    if (one.file.has_value() != other.file.has_value() || one.picture.has_value() != other.picture.has_value())
      return "the kind" + where;
    if (one.file && !std::ranges::equal(one.file->bytes.view(), other.file->bytes.view())) return "the file" + where;
    if (one.file && one.file->thumbhash != other.file->thumbhash) return "the thumbhash" + where;
    if (one.picture && !std::ranges::equal(one.picture->view(), other.picture->view())) return "the planes" + where;
  }
  return "";
}

PhotoTask small_task(std::uint32_t seed, std::uint8_t orientation) {
  const std::uint32_t width = 180 + 7 * seed % 31, height = 120 + 5 * seed % 23;
  return PhotoTask(make_up_photo({.width = width, .height = height}), width, height, orientation, {1, 2, 4});
}

}  // namespace tintype::testing
