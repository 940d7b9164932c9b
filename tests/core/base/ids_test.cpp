#include "core/base/ids.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace tintype {
namespace {

constexpr UnixMs kMaxTimeMs = (UnixMs{1} << 42) - 1;

TEST(SortableIdTest, TextSortsAsTheNumberDoes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const SortableId a{random() >> (random() % 64)};
    const SortableId b{i % 3 == 0 ? a.value + random() % 4 : random() >> (random() % 64)};
    ASSERT_EQ(a < b, a.to_string() < b.to_string()) << a.to_string() << " " << b.to_string();
    ASSERT_EQ(a == b, a.to_string() == b.to_string());
  }
}

TEST(SortableIdTest, TextComesBackInEitherCase) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 5'000; ++i) {
    const SortableId id{random()};
    std::string text = id.to_string();
    ASSERT_EQ(text.size(), 13u);
    ASSERT_EQ(SortableId::parse(text).value(), id);
    for (char& c : text) c = static_cast<char>(std::toupper(c));
    ASSERT_EQ(SortableId::parse(text).value(), id);
  }
}

TEST(SortableIdTest, KnownTexts) {
  EXPECT_EQ(SortableId{0}.to_string(), "0000000000000");
  EXPECT_EQ(SortableId{31}.to_string(), "000000000000z");
  EXPECT_EQ(SortableId{32}.to_string(), "0000000000010");
  EXPECT_EQ(SortableId{~0ull}.to_string(), "fzzzzzzzzzzzz");
  EXPECT_EQ(SortableId::parse("fzzzzzzzzzzzz").value().value, ~0ull);
}

TEST(SortableIdTest, RefusesWhatIsNoId) {
  for (std::string_view text : {"", "000000000000", "00000000000000", "000000000000i", "000000000000L", "00000000000o0",
                                "u000000000000", "g000000000000", "zzzzzzzzzzzzz", "00000 0000000", "-000000000001"}) {
    const auto id = SortableId::parse(text);
    ASSERT_FALSE(id) << text;
    EXPECT_EQ(id.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_FALSE(
      SortableId::parse(std::string_view("00000000\0"
                                         "0000",
                                         13)));
}

TEST(SortableIdTest, TimeIsInTheHighBits) {
  const UnixMs now_ms = 1'800'000'000'123;
  const SortableId id = SortableId::make(now_ms);
  EXPECT_EQ(id.time_ms(), now_ms);
  EXPECT_LE(SortableId::first_at(now_ms), id);
  EXPECT_LT(id, SortableId::first_at(now_ms + 1));
}

TEST(SortableIdTest, TimesOutsideTheFieldAreClamped) {
  EXPECT_EQ(SortableId::first_at(-5).value, 0u);
  EXPECT_EQ(SortableId::first_at(kMaxTimeMs + 10).time_ms(), kMaxTimeMs);
  EXPECT_EQ(SortableId::make(-5).time_ms(), 0);
  EXPECT_EQ(SortableId::make(kMaxTimeMs + 10).time_ms(), kMaxTimeMs);
}

TEST(SortableIdTest, IdsOfOneMomentDiffer) {
  std::set<SortableId> ids;
  std::uint64_t seen_bits = 0;
  for (int i = 0; i < 200; ++i) {
    const SortableId id = SortableId::make(1);
    ids.insert(id);
    seen_bits |= id.value;
  }
  EXPECT_GE(ids.size(), 195u);  // 200 of 4 million: two meet once in 200 runs, five of them never
  EXPECT_EQ(seen_bits & ((1u << kIdRandomBits) - 1), (1u << kIdRandomBits) - 1);
}

}  // namespace
}  // namespace tintype
