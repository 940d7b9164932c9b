#include "core/quality/contract_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tintype {
namespace {

using ::testing::HasSubstr;

TEST(ContractResult, CountsWhatWasTried) {
  ContractResult result{.probes = {{70, 69, 1, 0}, {72, 70, 1, 0}}, .share = 0.25};
  EXPECT_DOUBLE_EQ(result.encodes(), 2.25);
  EXPECT_TRUE(result.is_met());
}

TEST(ContractResult, EveryMissIsExplained) {
  ContractResult result{.target = {.score = 72.5, .lowest_quality = 7, .highest_quality = 93},
                        .score = 66.66,
                        .probes = {{93, 66.66, 1, 0}}};
  EXPECT_EQ(explain_miss(result), "");
  const std::pair<SearchEnd, const char*> ends[] = {
      {SearchEnd::kBestIsTooLow, "score 72.5 cannot be reached with qualities up to 93: 66.7 was kept"},
      {SearchEnd::kWorstIsTooGood, "every quality from 7 on is better than score 72.5 asks for"},
      {SearchEnd::kBetweenSteps, "no quality between a score too low for 72.5 and one too high"},
      {SearchEnd::kOutOfProbes, "score 72.5 was not found in 1 encodes"},
      {SearchEnd::kSourceSmaller, "score 72.5 would take more bytes than the photo itself"},
      {SearchEnd::kNotMeasured, "under 8 px has no score: quality 93 was taken"},
  };
  for (const auto& [end, text] : ends) {
    result.end = end;
    EXPECT_FALSE(result.is_met());
    EXPECT_THAT(explain_miss(result), HasSubstr(text));
    EXPECT_EQ(parse_search_end(search_end_name(end)).value(), end);
  }
  EXPECT_FALSE(parse_search_end("lost"));
}

}  // namespace
}  // namespace tintype
