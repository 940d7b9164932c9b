// The header of a picture of coefficients, as an honest child and as a hostile one writes it.
#include "workers/coefficient_picture.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "workers/device/made_up_photo.h"
#include "workers/shared_memory.h"

namespace tintype {
namespace {

constexpr PictureShape kShape{100, 75, PixelLayout::kJpegCoefficients};

std::vector<std::uint8_t> memory_of(const JpegCoefficients& jpeg) {
  std::vector<std::uint8_t> memory(kShape.bytes());
  const auto fd = make_shared_memory("tintype-test", memory.size());
  EXPECT_TRUE(fd);
  EXPECT_TRUE(write_coefficients(jpeg, fd->get()));
  EXPECT_TRUE(read_exactly(fd->get(), memory, 0));
  return memory;
}

TEST(CoefficientPicture, ReadsBackAsWritten) {
  for (const bool is_gray : {false, true}) {
    for (const std::uint32_t scaled_size : {8u, 4u, 2u, 1u}) {
      const JpegCoefficients jpeg =
          make_up_photo({.width = 100, .height = 75, .scaled_size = scaled_size, .is_gray = is_gray});
      const std::vector<std::uint8_t> memory = memory_of(jpeg);
      const auto picture = read_coefficients(memory, kShape);
      ASSERT_TRUE(picture) << picture.error().to_string();
      ASSERT_EQ(picture->components.size(), jpeg.components.size());
      for (std::size_t i = 0; i < jpeg.components.size(); ++i) {
        EXPECT_EQ(picture->components[i].width_blocks, jpeg.components[i].width_blocks);
        EXPECT_EQ(picture->components[i].plane.extent_y, jpeg.components[i].plane.extent_y);
        EXPECT_EQ(picture->components[i].quantiser, jpeg.components[i].quantiser);
      }
      EXPECT_TRUE(std::ranges::equal(picture->coefficients, jpeg.coefficients.view()));
    }
  }
}

TEST(CoefficientPicture, SizesThatDoNotFitAreRefused) {
  using Change = std::function<void(std::vector<JpegComponent>&)>;
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  const Change changes[] = {
      [](auto& c) { c.clear(); },
      [](auto& c) { c.pop_back(); },
      [](auto& c) { c.push_back(c[0]); },
      [](auto& c) { c[0].width_blocks = 0; },
      [](auto& c) { c[0].width_blocks = 14; },
      [](auto& c) { c[1].height_blocks = 0xffffffff; },
      [](auto& c) { c[0].width_blocks = 0x20000000; },
      [](auto& c) { c[2].scaled_size = 0; },
      [](auto& c) { c[2].scaled_size = 3; },
      [](auto& c) { c[2].scaled_size = 16; },
      [](auto& c) { c[0].plane.width = 0; },
      [](auto& c) { c[0].plane.width = 105; },
      [](auto& c) { c[0].plane.height = 74; },
      [](auto& c) { c[0].plane.extent_x = 98.5; },
      [](auto& c) { c[0].plane.extent_x = 100.5; },
      [](auto& c) { c[0].plane.extent_x = -1; },
      [&](auto& c) { c[1].plane.extent_y = nan; },
      [](auto& c) { c[1].plane.extent_y = std::numeric_limits<double>::infinity(); },
  };
  int number = 0;
  for (const Change& change : changes) {
    JpegCoefficients jpeg = make_up_photo({.width = 100, .height = 75});
    change(jpeg.components);
    const auto picture = read_coefficients(memory_of(jpeg), kShape);
    ASSERT_FALSE(picture) << "change " << number;
    EXPECT_EQ(picture.error().code, ErrorCode::kCorruptData);
    ++number;
  }
}

TEST(CoefficientPicture, MemoryThatIsTooShortOrOfAnotherKindIsRefused) {
  const std::vector<std::uint8_t> memory = memory_of(make_up_photo({.width = 100, .height = 75}));
  EXPECT_FALSE(read_coefficients(ByteView(memory).first(memory.size() - 1), kShape));
  EXPECT_FALSE(read_coefficients(memory, {100, 75, PixelLayout::kYcc420}));
  EXPECT_FALSE(read_coefficients(memory, {50, 75, PixelLayout::kJpegCoefficients})) << "a larger picture than agreed";
  EXPECT_FALSE(read_coefficient_header(ByteView(memory).first(10), kShape));
}

}  // namespace
}  // namespace tintype
