// A JPEG's coefficients to VP8 frames on an OpenCL device, against the same on the CPU: equal bytes.
#include "workers/opencl/cl_picture_maker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "codec/probe.h"
#include "kernels/reference/resize_rows.h"
#include "kernels/simd/vp8_encoder.h"
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

std::vector<std::uint8_t> coded(const Planes& planes, int plane) {
  std::vector<std::uint8_t> out(planes.plane(plane).size());
  reference::code_row(planes.plane(plane).data(), out.size(), plane == 0 ? kVideoLuma : kVideoChroma, out.data());
  return out;
}

Bytes encode_on_cpu(const Planes& planes, const vp8::Settings& settings) {
  const std::vector<std::uint8_t> y = coded(planes, 0), u = coded(planes, 1), v = coded(planes, 2);
  const vp8::Picture picture{planes.width(), planes.height(),      y.data(), u.data(), v.data(),
                             planes.width(), planes.chroma_width()};
  auto frame = simd::encode_vp8(picture, settings);
  EXPECT_TRUE(frame);
  return frame ? *std::move(frame) : Bytes{};
}

class MakerOnADevice : public ::testing::TestWithParam<OpenClDevice> {
 protected:
  void SetUp() override {
    auto opened = ClDevice::open({GetParam(), ""});
    ASSERT_TRUE(opened) << opened.error().to_string();
    device_.emplace(*std::move(opened));
    memory_.emplace(*device_, device_->info().memory_bytes / 2);
    auto batches = ClFrameBatches::create(*device_);
    ASSERT_TRUE(batches) << batches.error().to_string();
    batches_ = *std::move(batches);
    auto maker = ClPictureMaker::create(*device_, *memory_, *batches_);
    ASSERT_TRUE(maker) << maker.error().to_string();
    maker_.emplace(*std::move(maker));
  }

  void expect_equal(ByteView file, const std::vector<PictureSize>& sizes, const std::string& what) {
    expect_equal(*maker_, file, sizes, what);
  }

  static void expect_equal(ClPictureMaker& maker, ByteView file, const std::vector<PictureSize>& sizes,
                           const std::string& what) {
    const auto info = probe(file);
    ASSERT_TRUE(info) << what;
    const DecodeOptions options{.min_long_side_px = std::max(sizes.front().width, sizes.front().height)};
    const auto jpeg = decode_jpeg_coefficients(file, *info, options);
    const auto expected = decode_ladder(file, *info, options, sizes);
    ASSERT_TRUE(jpeg && jpeg->has_value() && expected) << what;
    PictureOrder order{(*jpeg)->components, (*jpeg)->coefficients.view(), info->orientation, sizes, {}, {0}};
    for (std::uint32_t i = 0; i < sizes.size(); ++i) {
      vp8::Settings settings;
      settings.quality = 60 + static_cast<int>(10 * i);
      constexpr vp8::Effort kEfforts[] = {vp8::Effort::kDefault, vp8::Effort::kFast, vp8::Effort::kBest,
                                          vp8::Effort::kFastest};
      settings.effort = kEfforts[i % 4];
      order.frames.push_back({i, settings});
    }
    const auto made = maker.make(order);
    ASSERT_TRUE(made) << what << ": " << made.error().to_string();
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const auto& planes = std::get<Planes>(expected->pictures[i]);
      EXPECT_TRUE(std::ranges::equal(made->frames[i].view(), encode_on_cpu(planes, order.frames[i].settings).view()))
          << what << ", picture " << i;
    }
    EXPECT_TRUE(std::ranges::equal(made->kept[0].view(), std::get<Planes>(expected->pictures[0]).view())) << what;
  }

  std::optional<ClDevice> device_;
  std::optional<ClMemoryPool> memory_;
  std::unique_ptr<ClFrameBatches> batches_;
  std::optional<ClPictureMaker> maker_;
};

TEST_P(MakerOnADevice, FilesEqualTheCpusWhateverThePhoto) {
  const Image picture = make_picture(300, 217);
  // One maker for photos of changing size: its memory is used again.
  expect_equal(write_jpeg(picture).view(), {{300, 217}, {150, 109}, {75, 54}, {40, 29}}, "4:2:0");
  expect_equal(write_jpeg(make_picture(1, 1)).view(), {{1, 1}}, "one pixel");
  const Bytes exif = exif_with_orientation(6);
  expect_equal(write_jpeg(stored_for(6, picture), {.progressive = true, .exif = exif.view()}).view(),
               {{300, 217}, {75, 54}}, "turned");
  expect_equal(write_jpeg(picture, {.colour = JpegColour::kGray}).view(), {{200, 145}}, "gray");
}

// More photos at once than there are batches: some share one, whatever their sizes and passes.
TEST_P(MakerOnADevice, PhotosOfManyThreadsGoTogether) {
  constexpr std::uint32_t kThreads = 2 * ClFrameBatches::kBatchesAtOnce + 1;
  std::vector<ClPictureMaker> makers;
  for (std::uint32_t i = 0; i < kThreads; ++i) {
    auto maker = ClPictureMaker::create(*device_, *memory_, *batches_);
    ASSERT_TRUE(maker) << maker.error().to_string();
    makers.push_back(*std::move(maker));
  }
  std::vector<std::jthread> threads;
  for (std::uint32_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (std::uint32_t photo = 0; photo < 3; ++photo) {
        const std::uint32_t width = 40 + 23 * i, height = 130 - 9 * i + photo;
        expect_equal(makers[i], write_jpeg(make_picture(width, height)).view(),
                     {{width, height}, {width / 2, height / 2}, {16, 16}}, "thread " + std::to_string(i));
      }
    });
  }
}

TEST_P(MakerOnADevice, MemoryThatIsUsedAgainStaysWithinTheBudget) {
  constexpr std::uint64_t kMiB = 1 << 20, kBudget = 100 * kMiB;
  ClMemoryPool pool(*device_, kBudget);
  const auto bytes_of = [](const std::vector<ClMemoryPool::Loan>& loans) {
    std::uint64_t sum = 0;
    for (const ClMemoryPool::Loan& loan : loans) {
      std::size_t bytes = 0;
      EXPECT_EQ(clGetMemObjectInfo(loan.get(), CL_MEM_SIZE, sizeof bytes, &bytes, nullptr), CL_SUCCESS);
      sum += bytes;
    }
    return sum;
  };
  const std::uint64_t one[] = {80 * kMiB}, two[] = {40 * kMiB, 56 * kMiB};
  ASSERT_TRUE(pool.borrow(one));
  {
    // What came back would do for the first of the two, and leave too little for the second.
    const auto loans = pool.borrow(two);
    ASSERT_TRUE(loans) << loans.error().to_string();
    EXPECT_LE(bytes_of(*loans), kBudget);
  }
  const auto again = pool.borrow(two);
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(bytes_of(*again), 96 * kMiB) << "the same memory";
}

TEST_P(MakerOnADevice, FilesOfPhotosEqualTheCpus) {
  int compared = 0;
  const int looked_at = for_each_planar_photo(13, [&](const std::string& path, ByteView file, const SourceInfo& info) {
    const std::uint32_t width = info.upright_width(), height = info.upright_height(), side = std::max(width, height);
    if (side < 512) return true;
    const auto rung = [&](std::uint32_t long_side) {
      return PictureSize{std::max(1u, width * long_side / side), std::max(1u, height * long_side / side)};
    };
    expect_equal(file, {rung(512), rung(256)}, path);
    return ++compared < 12;
  });
  if (looked_at < 0) GTEST_SKIP() << "TINTYPE_PHOTOS names no folder";
  EXPECT_GT(compared, 0);
}

INSTANTIATE_TEST_SUITE_P(OpenCl, MakerOnADevice, ::testing::ValuesIn(devices()), [](const auto& device) {
  return "platform_" + std::to_string(device.param.platform) + "_device_" + std::to_string(device.param.device);
});

}  // namespace
}  // namespace tintype
