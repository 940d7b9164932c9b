#include "core/base/time_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace tintype {
namespace {

constexpr UnixMs kFirstMs = -62'135'596'800'000;  // 0001-01-01
constexpr UnixMs kLastMs = 253'402'300'799'999;   // the end of 9999

TEST(TimeTextTest, WritesMilliseconds) {
  EXPECT_EQ(to_rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339(1'795'334'961'123), "2026-11-22T08:09:21.123Z");
}

TEST(TimeTextTest, ReadsEveryForm) {
  const struct {
    std::string_view text;
    UnixMs ms;
  } cases[] = {
      {"2026-11-22T08:09:21.123Z", 1'795'334'961'123},
      {"2026-11-22t08:09:21z", 1'795'334'961'000},
      {"2026-11-22 08:09:21Z", 1'795'334'961'000},
      {"2026-11-22T09:09:21+01:00", 1'795'334'961'000},
      {"2026-11-22T03:39:21.5-04:30", 1'795'334'961'500},
      {"2026-11-22T08:09:21.1239999Z", 1'795'334'961'123},
      {"2016-12-31T23:59:60Z", 1'483'228'800'000},
      {"2026-11-22", 1'795'305'600'000},
      {"2024-02-29", 1'709'164'800'000},
      {"1795334961123", 1'795'334'961'123},
      {"-1", -1},
      {"0", 0},
      {"0001-01-01", kFirstMs},
      {"9999-12-31T23:59:59.999Z", kLastMs},
  };
  for (const auto& [text, ms] : cases) {
    const auto time = parse_time(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(*time, ms) << text;
  }
}

TEST(TimeTextTest, RefusesTheRest) {
  for (std::string_view text : {"",
                                " ",
                                "yesterday",
                                "-",
                                "+5",
                                "2026-11",
                                "2026-1-22",
                                "2026-13-01",
                                "2026-00-10",
                                "2026-02-29",
                                "2026-11-31",
                                "2026-11-22T",
                                "2026-11-22T08:09",
                                "2026-11-22T08:09:21",
                                "2026-11-22T24:00:00Z",
                                "2026-11-22T08:60:00Z",
                                "2026-11-22T08:09:61Z",
                                "2026-11-22T08:09:21.Z",
                                "2026-11-22T08:09:21Z ",
                                "2026-11-22T08:09:21+1:00",
                                "2026-11-22T08:09:21+24:00",
                                "2026-11-22T08:09:21+01:60",
                                "0000-01-01",
                                "10000-01-01",
                                "0001-01-01T00:00:00+00:01",
                                "9999-12-31T23:59:59-00:01",
                                "99999999999999999999",
                                "253402300800000",
                                "2026-11-22T08:09:21.123Zjunk",
                                "12e3",
                                "1.5"}) {
    const auto time = parse_time(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(TimeTextTest, WrittenTimesComeBack) {
  std::mt19937_64 random(3);
  std::uniform_int_distribution<UnixMs> any(kFirstMs, kLastMs);
  for (int i = 0; i < 5'000; ++i) {
    const UnixMs ms = any(random);
    ASSERT_EQ(parse_time(to_rfc3339(ms)).value(), ms);
    ASSERT_EQ(parse_time(std::to_string(ms)).value(), ms);
  }
}

TEST(TimeTextTest, WritesTheNearestTimeItCan) {
  EXPECT_EQ(to_rfc3339(std::numeric_limits<UnixMs>::min()), "0001-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(std::numeric_limits<UnixMs>::max()), "9999-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace tintype
