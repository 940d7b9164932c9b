// What is decided of a frame before its macroblocks are.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "kernels/vp8/frame.h"
#include "kernels/vp8/probabilities.h"
#include "kernels/vp8/token_list.h"

namespace tintype::test {
namespace {

using namespace vp8;

int patience_of(Effort effort, std::uint8_t activity) {
  const Picture picture{.width = 160, .height = 160};
  const auto plan = plan_frame(picture, {.effort = effort}, std::vector<std::uint8_t>(100, activity));
  return plan ? plan->tables.depth.patience : -1000;
}

TEST(Vp8FramePlan, FastestHasThePatienceOfFastWithSmoothPicturesOnly) {
  const int of_fast = patience_of(Effort::kFast, 180);
  EXPECT_EQ(of_fast, patience_of(Effort::kFast, 60));
  EXPECT_EQ(of_fast, patience_of(Effort::kFastest, 0));
  EXPECT_EQ(of_fast, patience_of(Effort::kFastest, 120));
  EXPECT_LT(patience_of(Effort::kFastest, 180), 0) << "sub-blocks have to be ahead";
  EXPECT_EQ(patience_of(Effort::kFastest, 180), patience_of(Effort::kFastest, 255));
  for (std::uint8_t activity = 1; activity != 0; ++activity) {
    EXPECT_LE(patience_of(Effort::kFastest, activity), patience_of(Effort::kFastest, activity - 1)) << +activity;
    EXPECT_LE(patience_of(Effort::kFastest, activity), patience_of(Effort::kDefault, activity)) << +activity;
  }
}

TEST(Vp8FramePlan, WithOneSegmentActivityIsNotLookedAt) {
  const Picture picture{.width = 160, .height = 160};
  const Settings settings{.effort = Effort::kFastest, .segments = 1};
  const auto with = plan_frame(picture, settings, std::vector<std::uint8_t>(100, 60));
  const auto without = plan_frame(picture, settings, {});
  ASSERT_TRUE(with && without);
  EXPECT_EQ(without->tables.depth.patience, with->tables.depth.patience);
}

TEST(Vp8FramePlan, TokensOfASecondPassArePricedHalfWayBetweenExpectedAndCounted) {
  // Only empty blocks are seen, so that any other has never been so dear.
  TokenCounts counts;
  for (int kind = 0; kind < kVp8Kinds; ++kind) {
    for (int band = 0; band < 8; ++band) {
      for (int context = 0; context < 3; ++context) {
        for (int node = 0; node < 11; ++node) counts.of[2 * (probs_of(kind, band, context) + node)] = 100'000;
      }
    }
  }
  const Probabilities expected = Probabilities::of_format(), counted = Probabilities::chosen_for(counts);
  const Probabilities half = Probabilities::between(expected, counted);
  const auto nodes = [](const Probabilities& of) { return &of.tokens[0][0][0][0]; };
  int differing = 0;
  for (std::size_t i = 0; i < sizeof(TokenProbs); ++i) {
    ASSERT_EQ((nodes(expected)[i] + nodes(counted)[i] + 1) / 2, nodes(half)[i]) << i;
    differing += nodes(expected)[i] != nodes(counted)[i];
  }
  EXPECT_GT(differing, 500);
  const Probabilities same = Probabilities::between(expected, expected);
  EXPECT_TRUE(std::equal(nodes(expected), nodes(expected) + sizeof(TokenProbs), nodes(same)));

  Vp8Costs as_expected[kVp8Kinds], as_counted[kVp8Kinds], as_half[kVp8Kinds];
  fill_costs(expected, as_expected);
  fill_costs(counted, as_counted);
  fill_costs(half, as_half);
  const auto one = [](const Vp8Costs costs[]) { return vp8_token_cost(&costs[kVp8LumaWithDc], 0, 0, 1); };
  EXPECT_LT(one(as_expected), one(as_half));
  EXPECT_LT(one(as_half), one(as_counted));
}

}  // namespace
}  // namespace tintype::test
