#include "core/job/source_info.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

TEST(SourceInfoTest, FormatsHaveTheirNames) {
  const struct {
    ImageFormat format;
    std::string_view name, extension, mime;
  } cases[] = {{ImageFormat::kJpeg, "jpeg", "jpg", "image/jpeg"},
               {ImageFormat::kPng, "png", "png", "image/png"},
               {ImageFormat::kWebp, "webp", "webp", "image/webp"},
               {ImageFormat::kAvif, "avif", "avif", "image/avif"},
               {ImageFormat::kGif, "gif", "gif", "image/gif"}};
  for (const auto& [format, name, extension, mime] : cases) {
    EXPECT_EQ(format_name(format), name);
    EXPECT_EQ(format_extension(format), extension);
    EXPECT_EQ(format_mime(format), mime);
    EXPECT_EQ(parse_format(name).value(), format);
  }
  EXPECT_EQ(parse_format("JPEG").error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(parse_format(""));
}

TEST(SourceInfoTest, OrientationsFromFiveOnLieOnTheirSide) {
  SourceInfo source;
  source.width = 4000;
  source.height = 3000;
  for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
    source.orientation = orientation;
    EXPECT_EQ(source.upright_width(), orientation >= 5 ? 3000u : 4000u) << int{orientation};
    EXPECT_EQ(source.upright_height(), orientation >= 5 ? 4000u : 3000u) << int{orientation};
  }
  EXPECT_DOUBLE_EQ(source.megapixels(), 12.0);
}

TEST(SourceInfoTest, PixelsOfTheLargestHeaderDoNotOverflow) {
  SourceInfo source;
  source.width = source.height = 0xFFFFFFFF;
  EXPECT_EQ(source.pixels(), 0xFFFFFFFE00000001u);
}

}  // namespace
}  // namespace tintype
