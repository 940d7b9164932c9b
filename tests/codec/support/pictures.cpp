#include "tests/codec/support/pictures.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tintype::testing {
namespace {

std::uint8_t sample(double value) { return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0l, 255l)); }

}  // namespace

Image make_picture(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
  Image image = Image::allocate(width, height, channels);
  for (std::uint32_t y = 0; y < height; ++y) {
    std::uint8_t* row = image.row(y);
    for (std::uint32_t x = 0; x < width; ++x) {
      const double u = (x + 0.5) / width, v = (y + 0.5) / height;
      const double wave = std::sin(9 * u + 4 * v * v);
      std::uint8_t* pixel = row + std::size_t{x} * channels;
      pixel[0] = sample(40 + 180 * u + 20 * wave);
      pixel[1] = sample(220 - 170 * v + 20 * wave);
      pixel[2] = sample(128 + 90 * std::sin(5 * u * v + 1) - 60 * u);
      if (channels == 4) pixel[3] = sample(255 * (1 - u));
    }
  }
  return image;
}

Image make_plain(std::uint32_t width, std::uint32_t height, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  Image image = Image::allocate(width, height, 3);
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x) {
      std::uint8_t* pixel = image.row(y) + std::size_t{x} * 3;
      pixel[0] = red;
      pixel[1] = green;
      pixel[2] = blue;
    }
  return image;
}

Image with_six_levels(const Image& image) {
  Image levels = clone(image);
  for (std::uint32_t y = 0; y < image.height; ++y)
    for (std::size_t i = 0; i < std::size_t{image.width} * image.channels; ++i)
      levels.row(y)[i] = static_cast<std::uint8_t>((image.row(y)[i] + 25) / 51 * 51);
  return levels;
}

Image as_gray(const Image& image) {
  Image gray = clone(image);
  for (std::uint32_t y = 0; y < image.height; ++y)
    for (std::uint32_t x = 0; x < image.width; ++x) {
      std::uint8_t* p = gray.row(y) + std::size_t{x} * image.channels;
      p[0] = p[1] = p[2] = sample(0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]);
    }
  return gray;
}

Image clone(const Image& image) {
  Image copy = Image::allocate(image.width, image.height, image.channels);
  for (std::uint32_t y = 0; y < image.height; ++y) std::memcpy(copy.row(y), image.row(y), copy.stride_bytes);
  return copy;
}

Image as_rgb(const Image& image) {
  Image rgb = Image::allocate(image.width, image.height, 3);
  for (std::uint32_t y = 0; y < image.height; ++y)
    for (std::uint32_t x = 0; x < image.width; ++x)
      std::memcpy(rgb.row(y) + std::size_t{x} * 3, image.row(y) + std::size_t{x} * image.channels, 3);
  return rgb;
}

Image stored_for(std::uint8_t orientation, const Image& upright) {
  const std::uint32_t width = upright.width, height = upright.height;
  const bool rows_are_columns = orientation >= 5;
  Image stored =
      Image::allocate(rows_are_columns ? height : width, rows_are_columns ? width : height, upright.channels);
  const bool row_0_is_far = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool column_0_is_far = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  for (std::uint32_t r = 0; r < stored.height; ++r)
    for (std::uint32_t c = 0; c < stored.width; ++c) {
      const std::uint32_t along_rows = row_0_is_far ? stored.height - 1 - r : r;
      const std::uint32_t along_columns = column_0_is_far ? stored.width - 1 - c : c;
      const std::uint32_t x = rows_are_columns ? along_rows : along_columns;
      const std::uint32_t y = rows_are_columns ? along_columns : along_rows;
      std::memcpy(stored.row(r) + std::size_t{c} * upright.channels, upright.row(y) + std::size_t{x} * upright.channels,
                  upright.channels);
    }
  return stored;
}

double psnr(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height) return 0;
  double sum = 0;
  for (std::uint32_t y = 0; y < a.height; ++y)
    for (std::uint32_t x = 0; x < a.width; ++x)
      for (int c = 0; c < 3; ++c) {
        const double difference =
            double(a.row(y)[std::size_t{x} * a.channels + c]) - b.row(y)[std::size_t{x} * b.channels + c];
        sum += difference * difference;
      }
  const double mean = sum / (3.0 * a.width * a.height);
  return mean == 0 ? 99 : 10 * std::log10(255 * 255 / mean);
}

bool equal(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels) return false;
  for (std::uint32_t y = 0; y < a.height; ++y)
    if (std::memcmp(a.row(y), b.row(y), std::size_t{a.width} * a.channels) != 0) return false;
  return true;
}

}  // namespace tintype::testing
