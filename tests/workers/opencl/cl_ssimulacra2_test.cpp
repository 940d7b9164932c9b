// SSIMULACRA 2 as an OpenCL device computes it, against the reference: the same score in every bit, on every device
// that this machine has.
#include "workers/opencl/cl_ssimulacra2.h"

#include <gtest/gtest.h>

#include <optional>

#include "kernels/reference/ssimulacra2.h"
#include "kernels/ssimulacra2_formula.h"
#include "tests/kernels/scenes.h"
#include "workers/opencl/opencl_devices.h"

namespace tintype {
namespace {

using testing::distorted;
using testing::make_scene;
using testing::Scene;

std::vector<OpenClDevice> devices() {
  auto found = list_opencl_devices();
  return found ? *std::move(found) : std::vector<OpenClDevice>{};
}

class Ssimulacra2OnADevice : public ::testing::TestWithParam<OpenClDevice> {
 protected:
  void SetUp() override {
    auto opened = ClDevice::open({GetParam(), "", ClSsimulacra2::programs()});
    if (!opened && opened.error().code == ErrorCode::kUnsupported) GTEST_SKIP() << opened.error().message;
    ASSERT_TRUE(opened) << opened.error().to_string();
    device_.emplace(*std::move(opened));
    open(device_->info().memory_bytes / 2);
  }
  void open(std::uint64_t budget_bytes) {
    metric_.reset();
    memory_.emplace(*device_, budget_bytes);
    auto made = ClSsimulacra2::create(*device_, *memory_);
    ASSERT_TRUE(made) << made.error().to_string();
    metric_.emplace(*std::move(made));
  }

  void expect_equal(const SrgbView& original, const SrgbView& candidate) {
    const auto made = metric_->score(original, candidate), expected = reference::ssimulacra2(original, candidate);
    ASSERT_TRUE(made) << made.error().to_string();
    EXPECT_EQ(*made, *expected) << original.width << " x " << original.height;
  }

  std::optional<ClDevice> device_;
  std::optional<ClMemoryPool> memory_;
  std::optional<ClSsimulacra2> metric_;
};

// Rows with no fours, with some, with ones behind them; more and fewer rows than a group; every number of scales.
TEST_P(Ssimulacra2OnADevice, EveryBitIsTheReferences) {
  constexpr std::pair<std::uint32_t, std::uint32_t> kSizes[] = {{8, 8},   {9, 8},    {8, 31},   {15, 15},  {16, 17},
                                                                {17, 40}, {23, 64},  {31, 33},  {33, 31},  {63, 65},
                                                                {64, 64}, {129, 97}, {250, 31}, {257, 258}};
  unsigned seed = 1;
  for (const auto& [width, height] : kSizes) {
    for (const double strength : {0.0, 0.1, 0.9}) {
      const Scene original = make_scene(width, height, ++seed);
      expect_equal(original.view(), distorted(original, strength, seed).view());
    }
  }
}

// Quotients are written as those of doubles, which a compiler may narrow to the device's own division.
TEST_P(Ssimulacra2OnADevice, DivisionIsRoundedRightlyWhereTheDeviceCan) {
  const auto kernel = device_->make_kernel("ssimulacra2", "ss2_compare");
  ASSERT_TRUE(kernel) << kernel.error().to_string();
  cl_program program = nullptr;
  cl_device_id device = nullptr;
  cl_device_fp_config floats = 0;
  char options[256] = "";
  ASSERT_EQ(clGetKernelInfo(kernel->get(), CL_KERNEL_PROGRAM, sizeof program, &program, nullptr), CL_SUCCESS);
  ASSERT_EQ(clGetProgramInfo(program, CL_PROGRAM_DEVICES, sizeof device, &device, nullptr), CL_SUCCESS);
  ASSERT_EQ(clGetDeviceInfo(device, CL_DEVICE_SINGLE_FP_CONFIG, sizeof floats, &floats, nullptr), CL_SUCCESS);
  ASSERT_EQ(clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_OPTIONS, sizeof options, options, nullptr),
            CL_SUCCESS);
  EXPECT_EQ(std::string(options).contains("-cl-fp32-correctly-rounded-divide-sqrt"),
            (floats & CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) != 0)
      << options;
}

TEST_P(Ssimulacra2OnADevice, AlphaIsBlendedAsInTheReference) {
  const Scene clear = make_scene(70, 51, 7, 4), opaque = make_scene(70, 51, 7, 3);
  const Scene worse_clear = distorted(clear, 0.5, 8), worse_opaque = distorted(opaque, 0.5, 8);
  expect_equal(clear.view(), worse_clear.view());
  expect_equal(clear.view(), worse_opaque.view());
  expect_equal(opaque.view(), worse_clear.view());
}

TEST_P(Ssimulacra2OnADevice, FlatAndExtremePicturesToo) {
  const auto flat = [](std::uint8_t value) { return std::vector<std::uint8_t>(3 * 40 * 36, value); };
  const auto view = [](const std::vector<std::uint8_t>& samples) {
    return SrgbView::interleaved(samples.data(), 40, 36, 3, 120);
  };
  const auto black = flat(0), white = flat(255), grey = flat(128);
  auto stripes = black;
  for (std::size_t i = 0; i < stripes.size(); i += 2) stripes[i] = 255;
  for (const auto& candidate : {view(black), view(white), view(grey), view(stripes)}) {
    expect_equal(view(black), candidate);
    expect_equal(view(stripes), candidate);
  }
}

TEST_P(Ssimulacra2OnADevice, PlanarSamplesAreReadAsInterleavedOnes) {
  const Scene original = make_scene(61, 47, 9), candidate = distorted(original, 0.4, 9);
  constexpr std::size_t kStride = 80;
  std::vector<std::uint8_t> planes[3];
  for (std::uint32_t c = 0; c < 3; ++c) {
    planes[c].assign(kStride * candidate.height, 0x77);
    for (std::uint32_t y = 0; y < candidate.height; ++y)
      for (std::uint32_t x = 0; x < candidate.width; ++x)
        planes[c][y * kStride + x] = candidate.samples[(std::size_t{y} * candidate.width + x) * 3 + c];
  }
  const SrgbView planar{
      candidate.width, candidate.height, planes[0].data(), planes[1].data(), planes[2].data(), nullptr, 1, kStride};
  EXPECT_EQ(*metric_->score(original.view(), planar), *metric_->score(original.view(), candidate.view()));
}

TEST_P(Ssimulacra2OnADevice, WhatCannotBeComparedIsRefused) {
  const Scene a = make_scene(20, 20, 1), b = make_scene(20, 21, 1), tiny = make_scene(7, 20, 1);
  EXPECT_EQ(metric_->score(a.view(), b.view()).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(metric_->score(tiny.view(), tiny.view()).error().code, ErrorCode::kInvalidArgument);
  open(8 << 20);
  const Scene large = make_scene(400, 300, 2);
  EXPECT_EQ(metric_->score(large.view(), large.view()).error().code, ErrorCode::kOutOfMemory);
  EXPECT_EQ(*metric_->score(a.view(), a.view()), 100.0);
}

INSTANTIATE_TEST_SUITE_P(OpenCl, Ssimulacra2OnADevice, ::testing::ValuesIn(devices()), [](const auto& device) {
  return "platform_" + std::to_string(device.param.platform) + "_device_" + std::to_string(device.param.device);
});

}  // namespace
}  // namespace tintype
