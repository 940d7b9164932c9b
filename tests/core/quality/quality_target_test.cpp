#include "core/quality/quality_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace tintype {
namespace {

using ::testing::HasSubstr;

TEST(QualityTarget, IsReadAsItIsWritten) {
  for (const char* text : {"ssimulacra2:70", "ssimulacra2:72.5", "ssimulacra2:90"}) {
    const auto target = parse_quality_target(text);
    ASSERT_TRUE(target) << text;
    EXPECT_EQ(target->to_string(), text);
    EXPECT_EQ(parse_quality_target(target->to_string()), *target);
  }
}

TEST(QualityTarget, MistakesSayHowItIsWritten) {
  for (const char* text : {"", "70", "ssim:70", "ssimulacra2", "ssimulacra2:", "ssimulacra2:good", "ssimulacra2:70x",
                           "ssimulacra2:99", "ssimulacra2:-5", "ssimulacra2:nan"}) {
    const auto target = parse_quality_target(text);
    ASSERT_FALSE(target) << text;
    EXPECT_EQ(target.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_THAT(parse_quality_target("vmaf:90").error().message, HasSubstr("\"ssimulacra2:70\""));
}

TEST(QualityTarget, BoundsAreChecked) {
  EXPECT_TRUE(QualityTarget{}.validate());
  EXPECT_FALSE((QualityTarget{.below = -1}.validate()));
  EXPECT_FALSE((QualityTarget{.above = INFINITY}.validate()));
  EXPECT_FALSE((QualityTarget{.below = NAN}.validate()));
  EXPECT_FALSE((QualityTarget{.below = 0.1, .above = 0.1}.validate()));
  EXPECT_FALSE((QualityTarget{.lowest_quality = 80, .highest_quality = 20}.validate()));
  EXPECT_FALSE((QualityTarget{.highest_quality = 101}.validate()));
  EXPECT_FALSE((QualityTarget{.max_probes = 0}.validate()));
}

TEST(QualityTarget, AcceptsItsBandAndAimsAtItsMiddle) {
  const QualityTarget target;
  EXPECT_TRUE(target.accepts(69.7) && target.accepts(71.5));
  EXPECT_FALSE(target.accepts(69.69) || target.accepts(71.51));
  EXPECT_DOUBLE_EQ(target.aim(), 70.6);
}

}  // namespace
}  // namespace tintype
