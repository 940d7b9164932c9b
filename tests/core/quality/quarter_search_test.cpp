#include "core/quality/quarter_search.h"

#include <gtest/gtest.h>

#include <array>

namespace tintype {
namespace {

// 70 - 0.3 to 70 + 1.5 is asked for; scores of quality 76, of its quarters, and of 77.
QuarterSearch run(const std::array<double, 5>& scores, int& tries) {
  const auto at = [&](int quarters) {
    return Probe{76 + quarters / 4, scores[static_cast<std::size_t>(quarters)], 1000, 0.1, quarters % 4};
  };
  QuarterSearch search({.score = 70}, at(0), at(4));
  for (tries = 0; const auto quarters = search.next(); ++tries) {
    EXPECT_GE(*quarters, 1);
    EXPECT_LE(*quarters, 3);
    search.tell(at(*quarters));
    if (tries > 3) break;
  }
  return search;
}

TEST(QuarterSearch, FindsTheQuarterWhereverItIs) {
  for (const std::array<double, 5>& scores : {std::array{69.0, 69.9, 71.6, 72.0, 72.3},
                                              {69.0, 69.2, 70.5, 71.8, 72.3},
                                              {69.0, 69.2, 69.4, 71.0, 72.3},
                                              {66.0, 70.0, 77.0, 77.5, 78.0}}) {
    int tries = 0;
    const QuarterSearch search = run(scores, tries);
    EXPECT_TRUE(search.reached());
    EXPECT_TRUE((QualityTarget{.score = 70}.accepts(search.kept().score)));
    EXPECT_GT(search.kept().quarters, 0);
    EXPECT_LE(tries, 3);
  }
}

TEST(QuarterSearch, AnEvenStepTakesOneTry) {
  int tries = 0;
  EXPECT_TRUE(run({69.0, 69.8, 70.6, 71.4, 72.2}, tries).reached());
  EXPECT_EQ(tries, 1);
}

TEST(QuarterSearch, WithNothingBetweenTheLowestThatIsTooGoodIsKept) {
  int tries = 0;
  const QuarterSearch none = run({69.0, 69.0, 69.0, 69.0, 72.3}, tries);
  EXPECT_FALSE(none.reached());
  EXPECT_EQ(none.kept().quality, 77);
  const QuarterSearch cliff = run({69.0, 69.1, 71.9, 72.0, 72.3}, tries);
  EXPECT_FALSE(cliff.reached());
  EXPECT_EQ(cliff.kept().quarters, 2);
  EXPECT_DOUBLE_EQ(cliff.kept().score, 71.9);
}

}  // namespace
}  // namespace tintype
