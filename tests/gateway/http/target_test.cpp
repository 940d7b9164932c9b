#include "gateway/http/target.h"

#include <gtest/gtest.h>

#include <format>

namespace tintype::http {
namespace {

using Strings = std::vector<std::string>;

TEST(Target, SplitsPathAndQuery) {
  const auto target = parse_target("/v1/photos?from=2026-11-22&limit=10");
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_EQ(target->segments, (Strings{"v1", "photos"}));
  ASSERT_TRUE(target->find("from"));
  EXPECT_EQ(*target->find("from"), "2026-11-22");
  EXPECT_EQ(*target->find("limit"), "10");
  EXPECT_EQ(target->find("to"), nullptr);
}

TEST(Target, DecodesEachPartAfterSplitting) {
  const auto target = parse_target("/a%20b/c?name=x%26y%3Dz+w&empty=&bare");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (Strings{"a b", "c"}));
  EXPECT_EQ(*target->find("name"), "x&y=z w");
  EXPECT_EQ(*target->find("empty"), "");
  EXPECT_EQ(*target->find("bare"), "");
}

TEST(Target, KeepsPlusInThePathAndTrailingSlashAsAnEmptySegment) {
  const auto target = parse_target("/a+b/");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (Strings{"a+b", ""}));
}

TEST(Target, HasSoManyParameters) {
  std::string text = "/?0=";
  for (int i = 1; i < 64; ++i) text += std::format("&{}=", i);
  const auto most = parse_target(text);
  ASSERT_TRUE(most);
  EXPECT_EQ(most->query.size(), 64u);
  const auto more = parse_target(text + "&64=");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kInvalidArgument);
}

class RefusedTarget : public testing::TestWithParam<const char*> {};

TEST_P(RefusedTarget, IsAnInvalidArgument) {
  const auto target = parse_target(GetParam());
  ASSERT_FALSE(target) << GetParam();
  EXPECT_EQ(target.error().code, ErrorCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(All, RefusedTarget,
                         testing::Values("", "v1/photos", "http://127.0.0.1/v1", "*", "/a/../b", "/..", "/.",
                                         "/a/%2e%2e/b", "/%2E%2e", "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b", "/a%00b",
                                         "/a%0d%0ab", "/%", "/%1", "/%zz", "/a?x=%", "/a?x=%0", "/a?x=%00",
                                         "/a?x=1&x=2", "/a?x=1&%78=2", "/a#b"));

TEST(Utf8, TakesWhatIsWellFormed) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("plain"));
  EXPECT_TRUE(is_utf8("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x93\xB7"));
  EXPECT_TRUE(is_utf8("\xF4\x8F\xBF\xBF"));
}

TEST(Utf8, RefusesWhatIsNot) {
  for (const char* text : {"\x80", "\xC3", "\xC0\xAF", "\xC1\x81", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xE2\x82"}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

}  // namespace
}  // namespace tintype::http
