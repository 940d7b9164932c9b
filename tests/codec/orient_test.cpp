#include "codec/orient.h"

#include <gtest/gtest.h>

#include "tests/codec/support/pictures.h"

namespace tintype {
namespace {

using namespace tintype::testing;

TEST(Orient, AllEightGiveTheSameUprightPicture) {
  for (const std::uint32_t channels : {3u, 4u})
    for (const auto& [width, height] : {std::pair{1u, 1u}, {7u, 5u}, {64u, 32u}, {97u, 130u}}) {
      const Image upright = make_picture(width, height, channels);
      for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
        const Image turned = make_upright(stored_for(orientation, upright), orientation);
        EXPECT_TRUE(equal(turned, upright)) << width << " x " << height << " orientation " << int{orientation};
      }
    }
}

TEST(Orient, RowsInPiecesEqualTheWhole) {
  const Image upright = make_picture(50, 83);
  for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
    const Image stored = stored_for(orientation, upright);
    Image target = Image::allocate(upright.width, upright.height, 3);
    for (std::uint32_t y = 0; y < stored.height; y += 16)
      place_rows(stored.row(y), stored.stride_bytes, y, std::min(16u, stored.height - y), orientation, target);
    EXPECT_TRUE(equal(target, upright)) << int{orientation};
  }
}

}  // namespace
}  // namespace tintype
