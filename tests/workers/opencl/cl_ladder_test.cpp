// A JPEG's pictures as an OpenCL device makes them, against decode_ladder()'s: equal sample for sample, on every device
// that this machine has (PoCL at least, which makes one of the CPU).
#include "workers/opencl/cl_ladder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "codec/probe.h"
#include "tests/codec/support/environment.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/pictures.h"
#include "tests/codec/support/planar_photos.h"
#include "workers/opencl/opencl_devices.h"

namespace tintype {
namespace {

using namespace tintype::testing;

std::vector<OpenClDevice> devices() {
  auto found = list_opencl_devices();
  return found ? *std::move(found) : std::vector<OpenClDevice>{};
}

// What came back from the device: planes of fine samples, one picture after the other.
Result<std::vector<Bytes>> make_on(const ClDevice& device, ClLadder& ladder, const JpegCoefficients& jpeg,
                                   std::uint8_t orientation, std::span<const PictureSize> sizes) {
  const LadderPlan plan = plan_ladder(jpeg.components, orientation, sizes);
  TT_ASSIGN(const ClQueue queue, device.make_queue());
  TT_ASSIGN(const ClMemory coefficients, device.allocate(jpeg.coefficients.size()));
  TT_ASSIGN(const ClMemory arena, device.allocate(plan.arena_bytes));
  TT_TRY(cl_status(clEnqueueWriteBuffer(queue.get(), coefficients.get(), CL_TRUE, 0, jpeg.coefficients.size(),
                                        jpeg.coefficients.data(), 0, nullptr, nullptr),
                   "sending coefficients"));
  TT_TRY(ladder.enqueue(queue.get(), plan, coefficients.get(), arena.get()));
  std::vector<Bytes> made;
  for (const PicturePlace& picture : plan.pictures) {
    Bytes bytes(picture.bytes);
    TT_TRY(cl_status(clEnqueueReadBuffer(queue.get(), arena.get(), CL_TRUE, picture.at, bytes.size(), bytes.data(), 0,
                                         nullptr, nullptr),
                     "fetching a picture"));
    made.push_back(std::move(bytes));
  }
  return made;
}

class OnADevice : public ::testing::TestWithParam<OpenClDevice> {
 protected:
  void SetUp() override {
    auto opened = ClDevice::open({GetParam(), folder_.path()});
    ASSERT_TRUE(opened) << opened.error().to_string();
    device_.emplace(*std::move(opened));
    auto ladder = ClLadder::create(*device_);
    ASSERT_TRUE(ladder) << ladder.error().to_string();
    ladder_.emplace(*std::move(ladder));
  }

  void expect_equal(ByteView file, std::vector<PictureSize> sizes, std::uint32_t min_long_side_px,
                    const std::string& what) {
    const auto info = probe(file);
    ASSERT_TRUE(info) << what;
    const DecodeOptions options{.min_long_side_px = min_long_side_px};
    const auto expected = decode_ladder(file, *info, options, sizes);
    ASSERT_TRUE(expected) << what;
    const auto jpeg = decode_jpeg_coefficients(file, *info, options);
    ASSERT_TRUE(jpeg && jpeg->has_value()) << what;
    const auto made = make_on(*device_, *ladder_, **jpeg, info->orientation, sizes);
    ASSERT_TRUE(made) << what << ": " << made.error().to_string();
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const auto* planes = std::get_if<Planes>(&expected->pictures[i]);
      ASSERT_NE(planes, nullptr) << what;
      ASSERT_TRUE(std::ranges::equal((*made)[i].view(), planes->view())) << what << ", picture " << i;
    }
  }

  TemporaryFolder folder_;
  std::optional<ClDevice> device_;
  std::optional<ClLadder> ladder_;
};

TEST_P(OnADevice, PicturesEqualTheCpusWhateverTheSubsampling) {
  const Image picture = make_picture(403, 301);
  for (const auto& [horizontal, vertical] : {std::pair{1, 1}, {2, 1}, {1, 2}, {2, 2}}) {
    const Bytes file = write_jpeg(picture, {.horizontal = horizontal, .vertical = vertical});
    const std::string what = std::to_string(horizontal) + "x" + std::to_string(vertical);
    expect_equal(file.view(), {{403, 301}, {200, 149}, {64, 48}, {16, 12}, {1, 1}}, 0, what);
    expect_equal(file.view(), {{180, 134}, {33, 25}}, 180, what + " scaled");
  }
  const Bytes gray = write_jpeg(picture, {.colour = JpegColour::kGray});
  expect_equal(gray.view(), {{403, 301}, {31, 23}}, 0, "gray");
}

TEST_P(OnADevice, PicturesAreUpright) {
  const Image picture = make_picture(121, 86);
  for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
    const Bytes exif = exif_with_orientation(orientation);
    const Bytes file = write_jpeg(stored_for(orientation, picture), {.exif = exif.view()});
    expect_equal(file.view(), {{121, 86}, {61, 43}, {12, 9}}, 0, "orientation " + std::to_string(orientation));
  }
}

TEST_P(OnADevice, PhotosEqualTheCpus) {
  const int looked_at = for_each_planar_photo(5, [&](const std::string& path, ByteView file, const SourceInfo& info) {
    const auto rung = [&](std::uint32_t divisor) {
      return PictureSize{std::max(1u, info.upright_width() / divisor), std::max(1u, info.upright_height() / divisor)};
    };
    expect_equal(file, {rung(2), rung(4), rung(9)}, std::max(info.width, info.height) / 2, path);
    return true;
  });
  if (looked_at < 0) GTEST_SKIP() << "TINTYPE_PHOTOS names no folder";
  EXPECT_GT(looked_at, 0);
}

TEST_P(OnADevice, ProgramsComeFromTheCacheTheSecondTime) {
  EXPECT_EQ(device_->programs_from_cache(), 0);
  auto again = ClDevice::open({GetParam(), folder_.path()});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->programs_from_cache(), 3);
  // Whatever is wrong with a cached file, it is built anew.
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    write_file(entry.path(), as_bytes("not a program"));
  auto anew = ClDevice::open({GetParam(), folder_.path()});
  ASSERT_TRUE(anew);
  EXPECT_EQ(anew->programs_from_cache(), 0);
}

INSTANTIATE_TEST_SUITE_P(OpenCl, OnADevice, ::testing::ValuesIn(devices()), [](const auto& device) {
  return "platform_" + std::to_string(device.param.platform) + "_device_" + std::to_string(device.param.device);
});

// The tests' packages bring PoCL, so that the suite above is never empty.
TEST(OpenClDevices, ThereIsOne) {
  const auto found = list_opencl_devices();
  ASSERT_TRUE(found) << found.error().to_string();
  ASSERT_FALSE(found->empty()) << "no OpenCL driver is registered: install pocl-opencl-icd";
  for (const OpenClDevice& device : *found) {
    EXPECT_FALSE(device.name.empty());
    EXPECT_GT(device.memory_bytes, 0u);
    if (device.platform_name == "Portable Computing Language") {
      EXPECT_EQ(device.kind, "opencl-cpu");
      EXPECT_FALSE(device.is_used_by_default());
    }
  }
}

}  // namespace
}  // namespace tintype
