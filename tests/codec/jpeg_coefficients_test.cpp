// A JPEG's coefficients, through the reference's inverse DCT, against the samples that libjpeg-turbo makes of the file.
#include "codec/jpeg/jpeg_coefficients.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "codec/jpeg/jpeg_reader.h"
#include "codec/probe.h"
#include "kernels/reference/jpeg_planes.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/pictures.h"
#include "tests/codec/support/planar_photos.h"

namespace tintype {
namespace {

using namespace tintype::testing;

struct Plane {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> samples;
};

std::vector<Plane> by_libjpeg(ByteView file, int scale) {
  JpegReader reader(file);
  EXPECT_TRUE(reader.read_header());
  EXPECT_TRUE(reader.start_planes(scale));
  std::vector<Plane> planes;
  for (int i = 0; i < reader.components(); ++i) planes.push_back({reader.plane(i).width, reader.plane(i).height, {}});
  while (reader.rows_read() < reader.output_height()) {
    EXPECT_TRUE(reader.read_strip());
    for (std::size_t i = 0; i < planes.size(); ++i) {
      Plane& plane = planes[i];
      const std::size_t rows_left = plane.height - plane.samples.size() / plane.width;
      for (std::uint32_t row = 0; row < std::min<std::size_t>(reader.strip_rows(i), rows_left); ++row)
        plane.samples.insert(plane.samples.end(), reader.strip_row(i, row), reader.strip_row(i, row) + plane.width);
    }
  }
  return planes;
}

std::vector<Plane> by_reference(const JpegCoefficients& jpeg) {
  std::vector<Plane> planes;
  const auto* coefficients = reinterpret_cast<const std::int16_t*>(jpeg.coefficients.data());
  for (const JpegComponent& component : jpeg.components) {
    const std::size_t stride = std::size_t{component.width_blocks} * component.scaled_size;
    std::vector<std::uint8_t> whole(stride * component.height_blocks * component.scaled_size);
    reference::jpeg_plane({coefficients, component.width_blocks, component.height_blocks, component.quantiser},
                          component.scaled_size, whole.data(), stride);
    Plane plane{component.plane.width, component.plane.height, {}};
    for (std::size_t y = 0; y < plane.height; ++y)
      plane.samples.insert(plane.samples.end(), whole.data() + stride * y, whole.data() + stride * y + plane.width);
    planes.push_back(std::move(plane));
    coefficients += coefficient_bytes(component) / sizeof *coefficients;
  }
  return planes;
}

void expect_equal_at_every_scale(ByteView file, const std::string& what) {
  const auto info = probe(file);
  ASSERT_TRUE(info) << what;
  for (const std::uint32_t scale : {1u, 2u, 4u, 8u}) {
    DecodeOptions options;
    options.min_long_side_px = std::max(1u, std::max(info->width, info->height) / scale);
    auto jpeg = decode_jpeg_coefficients(file, *info, options);
    ASSERT_TRUE(jpeg && jpeg->has_value()) << what;
    JpegReader chooses(file);
    const int chosen = choose_jpeg_scale(*chooses.read_header(), options.min_long_side_px);
    const std::vector<Plane> expected = by_libjpeg(file, chosen), actual = by_reference(**jpeg);
    ASSERT_EQ(actual.size(), expected.size()) << what;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(actual[i].width, expected[i].width) << what;
      ASSERT_EQ(actual[i].height, expected[i].height) << what;
      ASSERT_TRUE(actual[i].samples == expected[i].samples) << what << ", component " << i << " at 1/" << chosen;
    }
  }
}

Image make_noise(std::uint32_t width, std::uint32_t height) {
  std::mt19937 random(3);
  Image image = Image::allocate(width, height, 3);
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < 3 * width; ++x) image.row(y)[x] = static_cast<std::uint8_t>(random());
  return image;
}

TEST(JpegCoefficients, GiveLibjpegsSamplesWhateverTheSubsamplingAndScale) {
  const Image picture = make_picture(203, 151), noise = make_noise(67, 130);
  for (const auto& [horizontal, vertical] : {std::pair{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}}) {
    for (const bool progressive : {false, true}) {
      const JpegKind kind{
          .quality = progressive ? 40 : 98, .horizontal = horizontal, .vertical = vertical, .progressive = progressive};
      const std::string what =
          std::to_string(horizontal) + "x" + std::to_string(vertical) + (progressive ? " progressive" : "");
      expect_equal_at_every_scale(write_jpeg(picture, kind).view(), what);
      expect_equal_at_every_scale(write_jpeg(noise, kind).view(), what + " of noise");
    }
  }
  expect_equal_at_every_scale(write_jpeg(picture, {.colour = JpegColour::kGray}).view(), "gray");
  expect_equal_at_every_scale(write_jpeg(make_picture(1, 1)).view(), "one pixel");
}

TEST(JpegCoefficients, GiveLibjpegsSamplesOfPhotos) {
  const int looked_at = for_each_planar_photo(2.3, [](const std::string& path, ByteView file, const SourceInfo&) {
    expect_equal_at_every_scale(file, path);
    return true;
  });
  if (looked_at < 0) GTEST_SKIP() << "TINTYPE_PHOTOS names no folder";
  EXPECT_GT(looked_at, 0);
}

TEST(JpegCoefficients, LeaveDamagedAndRecolouredFilesToOthers) {
  const Image picture = make_picture(120, 90);
  const Bytes file = write_jpeg(picture);
  const auto info = probe(file.view());
  ASSERT_TRUE(info);
  const auto cut = decode_jpeg_coefficients(file.view().first(file.size() * 2 / 3), *info, {});
  ASSERT_TRUE(cut);
  EXPECT_FALSE(cut->has_value());
  const Bytes cmyk = write_jpeg(picture, {.colour = JpegColour::kCmyk});
  const auto other = decode_jpeg_coefficients(cmyk.view(), *probe(cmyk.view()), {});
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->has_value());
}

// What a hostile child may hand over: any coefficient, any quantiser. Defined, and the same on every target: the
// undefined- behaviour sanitizer runs this.
TEST(JpegCoefficients, AnyNumbersAreDefined) {
  std::mt19937 random(11);
  for (const std::uint32_t size : {8u, 4u, 2u, 1u}) {
    std::vector<std::int16_t> coefficients(64 * 12);
    std::array<std::uint16_t, 64> quantiser{};
    for (auto& c : coefficients)
      c = static_cast<std::int16_t>(random() % 3 == 0 ? (random() % 2 ? 32767 : -32768) : random());
    for (auto& q : quantiser) q = static_cast<std::uint16_t>(random() % 2 ? 65535 : random());
    std::vector<std::uint8_t> out(std::size_t{4} * size * 3 * size);
    reference::jpeg_plane({coefficients.data(), 4, 3, quantiser}, size, out.data(), std::size_t{4} * size);
    EXPECT_TRUE(std::ranges::any_of(out, [](std::uint8_t s) { return s == 0; }));
    EXPECT_TRUE(std::ranges::any_of(out, [](std::uint8_t s) { return s == 255; }));
  }
}

}  // namespace
}  // namespace tintype
