#include "codec/thumbhash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>

#include "core/base/digest.h"

namespace tintype {
namespace {

using Pixel = std::array<int, 4>;

Image make_picture(std::uint32_t width, std::uint32_t height, std::uint32_t channels,
                   const std::function<Pixel(int, int)>& pixel) {
  Image image = Image::allocate(width, height, channels);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const Pixel c = pixel(static_cast<int>(x), static_cast<int>(y));
      for (std::uint32_t k = 0; k < channels; ++k)
        image.row(y)[x * channels + k] = static_cast<std::uint8_t>(c[k] & 255);
    }
  }
  return image;
}

std::string hex_of(const Image& image) {
  const auto hash = thumbhash_of(image);
  return hash ? to_hex(as_bytes(*hash)) : hash.error().message;
}

// The largest difference of two hashes' digits; 16 when one is longer.
int digits_apart(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return 16;
  int apart = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    apart = std::max(apart, std::abs(std::stoi(a.substr(i, 1), nullptr, 16) - std::stoi(b.substr(i, 1), nullptr, 16)));
  return apart;
}

// What the npm package thumbhash 0.1.1, by the format's author, makes of the same pixels. Frequencies that a ramp does
// not have are a tie between 7 and 8, which the last bit of a cosine decides.
TEST(Thumbhash, IsTheAuthorsOwn) {
  EXPECT_LE(digits_apart(hex_of(make_picture(100, 75, 3, [](int x, int y) { return Pixel{x * 2, y * 3, x + y, 255}; })),
                         "98e80915968087877087887888788787878018f887"),
            1);
  EXPECT_LE(
      digits_apart(hex_of(make_picture(40, 90, 3, [](int x, int y) { return Pixel{x * y, 255 - y * 2, x * 5, 255}; })),
                   "5f99094b16707c77777777777f7b670677"),
      1);
  EXPECT_LE(
      digits_apart(hex_of(make_picture(64, 64, 4, [](int x, int y) { return Pixel{x * 4, y * 4, 128, x * 3 + y}; })),
                   "a328861d0e27b187b087897888b1b019fa7670777578787877"),
      1);
  EXPECT_LE(digits_apart(hex_of(make_picture(
                             100, 3, 3, [](int x, int) { return Pixel{x < 50 ? 255 : 0, 0, x < 50 ? 0 : 255, 255}; })),
                         "15f602f1a8888888888808877f78f88878"),
            1);
}

TEST(Thumbhash, OfOneColourAndOfNothingVisible) {
  // Past the averages there is nothing but rounding.
  EXPECT_EQ(hex_of(make_picture(10, 10, 3, [](int, int) { return Pixel{128, 128, 128, 255}; })).substr(0, 10),
            "2008020700");
  EXPECT_EQ(hex_of(make_picture(5, 7, 4, [](int x, int y) { return Pixel{x * 50, y * 30, 0, 0}; })),
            "00088204000000000000000000000000000000000000000000");
}

TEST(Thumbhash, LargePicturesAreReducedFirst) {
  const auto soft = [](std::uint32_t side) {
    return make_picture(side, side / 2, 3, [side](int x, int y) {
      return Pixel{x * 255 / static_cast<int>(side), y * 510 / static_cast<int>(side), 90, 255};
    });
  };
  const std::string large = hex_of(soft(800));
  EXPECT_EQ(large.substr(0, 6), hex_of(soft(100)).substr(0, 6));
  EXPECT_EQ(large.size(), hex_of(soft(100)).size());
}

TEST(Thumbhash, EveryShapeFits) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 500}, {500, 1}, {3, 100}, {101, 100}, {4000, 7}}) {
    for (const std::uint32_t channels : {3u, 4u}) {
      const auto hash =
          thumbhash_of(make_picture(width, height, channels, [](int x, int y) { return Pixel{x, y, x + y, x}; }));
      ASSERT_TRUE(hash) << width << "x" << height;
      EXPECT_GE(hash->size(), 5u);
      EXPECT_LE(hash->size(), kMaxThumbhashBytes);
    }
  }
}

}  // namespace
}  // namespace tintype
