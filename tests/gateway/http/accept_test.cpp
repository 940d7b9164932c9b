#include "gateway/http/accept.h"

#include <gtest/gtest.h>

namespace tintype::http {
namespace {

constexpr std::string_view kChrome = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";

TEST(Accept, TheMostSpecificRangeCounts) {
  EXPECT_EQ(acceptance_of(kChrome, "image/avif").weight, 1);
  EXPECT_TRUE(acceptance_of(kChrome, "image/avif").is_named);
  EXPECT_EQ(acceptance_of(kChrome, "image/jpeg").weight, 1);
  EXPECT_FALSE(acceptance_of(kChrome, "image/jpeg").is_named);
  EXPECT_EQ(acceptance_of(kChrome, "text/html").weight, 0.8);
  EXPECT_EQ(acceptance_of("image/*;q=0.5, image/webp;q=0.1", "image/webp").weight, 0.1);
  EXPECT_EQ(acceptance_of("image/webp;q=0, */*", "image/webp").weight, 0);
  EXPECT_EQ(acceptance_of("IMAGE/WebP ; Q=0.25", "image/webp").weight, 0.25);
  EXPECT_EQ(acceptance_of("image/png", "image/webp").weight, 0);
}

TEST(Accept, NothingSaidIsAnything) {
  EXPECT_EQ(acceptance_of("", "image/webp").weight, 1);
  EXPECT_EQ(acceptance_of("  ", "image/webp").weight, 1);
  EXPECT_FALSE(acceptance_of("", "image/webp").is_named);
}

TEST(Accept, NonsenseIsNotWanted) {
  for (const char* text : {"image/webp;q=2", "image/webp;q=-1", "image/webp;q=", "image/webp;q=x", "image/webp;q=nan",
                           ",,;;q=1", "image", "*", "image/webp/x", "webp"}) {
    EXPECT_EQ(acceptance_of(text, "image/webp").weight, 0) << text;
  }
}

}  // namespace
}  // namespace tintype::http
