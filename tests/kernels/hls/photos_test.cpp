// Photographs through the FPGA's kernels by C simulation: equal to the reference, too. Runs on TINTYPE_PHOTOS; each
// photo is first made small.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <variant>

#include "codec/ladder.h"
#include "codec/planes.h"
#include "codec/probe.h"
#include "kernels/hls/signatures.h"
#include "tests/codec/support/environment.h"
#include "tests/kernels/hls/cases.h"

namespace tintype {
namespace {

// Planes of fine samples, rounded to 8 bits.
test::Planes420 eight_bits(const Planes& planes, std::uint32_t width, std::uint32_t height) {
  test::Planes420 out(width, height);
  const std::uint8_t* from = planes.view().data();
  for (std::vector<std::uint8_t>* plane : {&out.y, &out.u, &out.v}) {
    for (std::uint8_t& sample : *plane) {
      std::uint16_t fine;
      std::memcpy(&fine, from, sizeof fine);
      from += sizeof fine;
      sample = static_cast<std::uint8_t>((fine + 32) >> 6);
    }
  }
  return out;
}

void expect_equal(test::KernelCase& one, const std::string& what) {
  const Status done = simulate(one.call());
  ASSERT_TRUE(done) << what << ": " << done.error().to_string();
  ASSERT_EQ(one.difference(), "") << what;
}

TEST(HlsPhotos, EqualTheReference) {
  const std::vector<std::string> files = testing::files_of("TINTYPE_PHOTOS");
  if (files.empty()) GTEST_SKIP() << "TINTYPE_PHOTOS names no folder";
  constexpr int kMostPhotos = 3;
  int looked_at = 0;
  for (const std::string& path : files) {
    const Bytes file = testing::read_file(path);
    const auto info = probe(file.view());
    if (!info || info->format != ImageFormat::kJpeg || info->megapixels() > 5) continue;
    const std::uint32_t width = std::min(240u, info->upright_width());
    const std::uint32_t height = std::max(1u, width * info->upright_height() / info->upright_width());
    const std::vector<PictureSize> sizes = {{width, height}};
    const auto ladder = decode_ladder(file.view(), *info, {.min_long_side_px = width}, sizes);
    if (!ladder) continue;
    const auto* planes = std::get_if<Planes>(&ladder->pictures[0]);
    if (!planes) continue;
    const test::Planes420 picture = eight_bits(*planes, width, height);
    expect_equal(*test::halve_case(test::plane_of(picture.y, width, height)), path);
    const ResizeAxis across{width, double(width), width / 2 + 1, false, false},
        down{height, double(height), height / 2 + 1, false, false};
    expect_equal(*test::resize_case(test::plane_of(picture.y, width, height), down, across), path);
    expect_equal(*test::vp8_case(picture, {}), path);
    if (++looked_at == kMostPhotos) break;
  }
  EXPECT_GT(looked_at, 0);
}

}  // namespace
}  // namespace tintype
