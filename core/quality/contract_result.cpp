#include "core/quality/contract_result.h"

#include <format>

namespace tintype {

std::string explain_miss(const ContractResult& result) {
  const QualityTarget& target = result.target;
  const std::string kept = std::format("{:.1f} was kept", result.score);
  switch (result.end) {
    case SearchEnd::kReached:
      return "";
    case SearchEnd::kBestIsTooLow:
      return std::format("score {:g} cannot be reached with qualities up to {}: {}", target.score,
                         target.highest_quality, kept);
    case SearchEnd::kWorstIsTooGood:
      return std::format("every quality from {} on is better than score {:g} asks for: {}", target.lowest_quality,
                         target.score, kept);
    case SearchEnd::kBetweenSteps:
      return std::format("the encoder has no quality between a score too low for {:g} and one too high: {}",
                         target.score, kept);
    case SearchEnd::kOutOfProbes:
      return std::format("score {:g} was not found in {} encodes: {}", target.score, result.probes.size(), kept);
    case SearchEnd::kSourceSmaller:
      return std::format("score {:g} would take more bytes than the photo itself: {}", target.score, kept);
    case SearchEnd::kNotMeasured:
      return std::format("a picture with a side under 8 px has no score: quality {} was taken", target.highest_quality);
  }
  return "";
}

}  // namespace tintype
