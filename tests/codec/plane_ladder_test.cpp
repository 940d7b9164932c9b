// A plane streamed row by row against the reference kernels over the whole plane at once.
#include "codec/planar/plane_ladder.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "kernels/reference/resize_rows.h"

namespace tintype {
namespace {

struct Plane {
  std::uint32_t width, height;
  std::vector<std::uint8_t> samples;
};

Plane make_noise(std::uint32_t width, std::uint32_t height) {
  std::mt19937 random(width * 31 + height);
  Plane plane{width, height, {}};
  for (std::uint32_t i = 0; i < width * height; ++i) plane.samples.push_back(static_cast<std::uint8_t>(random()));
  return plane;
}

std::vector<std::uint16_t> resized_at_once(const Plane& plane, const ResizeTaps& across, const ResizeTaps& down) {
  const std::size_t row_samples = plane.width + kRowSlack;
  std::vector<std::int16_t> wide(row_samples * plane.height);
  for (std::uint32_t y = 0; y < plane.height; ++y)
    reference::widen_row(plane.samples.data() + std::size_t{y} * plane.width, plane.width,
                         wide.data() + row_samples * y);
  std::vector<std::uint16_t> out, row(across.out_samples + kRowSlack);
  std::vector<std::int16_t> mixed(row_samples);
  for (std::uint32_t y = 0; y < down.out_samples; ++y) {
    std::vector<const std::int16_t*> rows;
    for (std::uint32_t k = 0; k < down.count; ++k) rows.push_back(wide.data() + row_samples * (down.first[y] + k));
    reference::mix_rows(rows.data(), down.weights_of(y), down.count, plane.width, mixed.data());
    reference::filter_row(mixed.data(), across, row.data());
    out.insert(out.end(), row.begin(), row.begin() + across.out_samples);
  }
  return out;
}

// Sizes whose filters sit exactly on samples here and between them there are what a ring of rows gets wrong.
TEST(PlaneLadder, StreamsWhatThePlaneAtOnceGives) {
  const Plane plane = make_noise(61, 45);
  for (const bool is_chroma : {false, true}) {
    for (std::uint32_t height = 16; height <= 130; ++height) {
      const std::uint32_t width = height + 7;
      for (const bool mirrored : {false, true}) {
        const ResizeTaps across = make_resize_taps({61, 60.5, width, is_chroma, mirrored});
        const ResizeTaps down = make_resize_taps({45, 44.5, height, is_chroma, mirrored});
        std::vector<std::uint16_t> samples(std::size_t{across.out_samples} * down.out_samples);
        const PlaneTarget target{samples, {width, height, is_chroma, mirrored, mirrored}};
        PlaneLadder ladder({61, 45, 60.5, 44.5}, {&target, 1});
        for (std::uint32_t y = 0; y < 45; ++y) ladder.push_row(plane.samples.data() + std::size_t{y} * 61);
        ASSERT_EQ(samples, resized_at_once(plane, across, down))
            << height << (is_chroma ? " chroma" : "") << (mirrored ? " mirrored" : "");
      }
    }
  }
}

TEST(PlaneLadder, FarSmallerPicturesAreMadeFromHalves) {
  const std::uint32_t side = 640;
  Plane plane{side, side, {}};
  for (std::uint32_t y = 0; y < side; ++y)
    for (std::uint32_t x = 0; x < side; ++x) plane.samples.push_back(static_cast<std::uint8_t>((x + y) / 6));
  std::vector<std::uint16_t> small(40 * 40), tiny(3 * 3);
  const PlaneTarget targets[] = {{small, {40, 40}}, {tiny, {3, 3}}};
  PlaneLadder ladder({side, side, side, side}, targets);
  for (std::uint32_t y = 0; y < side; ++y) ladder.push_row(plane.samples.data() + std::size_t{y} * side);
  for (std::uint32_t y = 2; y < 38; ++y)
    for (std::uint32_t x = 2; x < 38; ++x) ASSERT_NEAR(small[y * 40 + x] / 64.0, (x + y + 1) * 16 / 6.0 - 0.6, 0.4);
  EXPECT_NEAR(tiny[4] / 64.0, 640 / 6.0 - 0.6, 1);
}

}  // namespace
}  // namespace tintype
