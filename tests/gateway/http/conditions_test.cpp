#include "gateway/http/conditions.h"

#include <gtest/gtest.h>

namespace tintype::http {
namespace {

struct Case {
  const char* header;
  std::uint64_t size;
  RangeKind kind;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

class Range : public testing::TestWithParam<Case> {};

TEST_P(Range, IsReadAsStated) {
  const Case& expected = GetParam();
  const RangeAnswer range = parse_range(expected.header, expected.size);
  EXPECT_EQ(range.kind, expected.kind) << expected.header;
  EXPECT_EQ(range.offset, expected.offset) << expected.header;
  EXPECT_EQ(range.length, expected.length) << expected.header;
}

constexpr auto kPart = RangeKind::kPart;
constexpr auto kWhole = RangeKind::kWhole;
constexpr auto kNone = RangeKind::kUnsatisfiable;

INSTANTIATE_TEST_SUITE_P(All, Range,
                         testing::Values(Case{"bytes=0-0", 10, kPart, 0, 1}, Case{"bytes=2-5", 10, kPart, 2, 4},
                                         Case{"bytes=2-", 10, kPart, 2, 8}, Case{"bytes=2-99", 10, kPart, 2, 8},
                                         Case{"bytes=-3", 10, kPart, 7, 3}, Case{"bytes=-99", 10, kPart, 0, 10},
                                         Case{"Bytes= 1-2 ", 10, kPart, 1, 2}, Case{"bytes=9-9", 10, kPart, 9, 1},
                                         Case{"bytes=0-99999999999999999999", 10, kPart, 0, 10},  // past 64 bits
                                         Case{"bytes=10-", 10, kNone}, Case{"bytes=10-11", 10, kNone},
                                         Case{"bytes=-0", 10, kNone}, Case{"bytes=0-", 0, kNone},
                                         Case{"bytes=-1", 0, kNone}, Case{"bytes=99999999999999999999-", 10, kNone},
                                         Case{"bytes=0-1,3-4", 10, kWhole}, Case{"bytes=5-2", 10, kWhole},
                                         Case{"bytes=", 10, kWhole}, Case{"bytes=-", 10, kWhole},
                                         Case{"bytes=a-b", 10, kWhole}, Case{"bytes=1-b", 10, kWhole},
                                         Case{"bytes=+1-2", 10, kWhole}, Case{"bytes=--1", 10, kWhole},
                                         Case{"lines=1-2", 10, kWhole}, Case{"", 10, kWhole},
                                         Case{"bytes", 10, kWhole}));

TEST(EntityTags, MatchWeaklyInLists) {
  EXPECT_TRUE(matches_any_etag("\"a\"", "\"a\""));
  EXPECT_TRUE(matches_any_etag("W/\"a\"", "\"a\""));
  EXPECT_TRUE(matches_any_etag("\"x,\" , W/\"a\"", "\"a\""));
  EXPECT_TRUE(matches_any_etag(" * ", "\"a\""));
}

TEST(EntityTags, DoNotMatchOtherwise) {
  for (const char* header : {"", "\"b\"", "a", "\"a", "\"b\" \"a\"", "\"ab\"", "*, \"b\"", ",\"a\""}) {
    EXPECT_FALSE(matches_any_etag(header, "\"a\"")) << header;
  }
}

TEST(IfRange, HoldsForTheStrongTagAlone) {
  EXPECT_TRUE(if_range_holds("\"a\"", "\"a\""));
  EXPECT_FALSE(if_range_holds("W/\"a\"", "\"a\""));
  EXPECT_FALSE(if_range_holds("Sun, 06 Nov 1994 08:49:37 GMT", "\"a\""));
}

}  // namespace
}  // namespace tintype::http
