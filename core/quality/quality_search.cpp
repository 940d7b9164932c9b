#include "core/quality/quality_search.h"

#include <algorithm>
#include <cmath>

namespace tintype {
namespace {

// Slopes outside of these are noise: no encoder's quality scale is so flat or so steep.
constexpr double kFlattest = 0.08, kSteepest = 4.0;
// The farthest step towards where no probe was: scales bend.
constexpr double kFarthest = 20;

}  // namespace

std::string_view search_end_name(SearchEnd end) {
  switch (end) {
    case SearchEnd::kReached:
      return "reached";
    case SearchEnd::kBestIsTooLow:
      return "best_is_too_low";
    case SearchEnd::kWorstIsTooGood:
      return "worst_is_too_good";
    case SearchEnd::kBetweenSteps:
      return "between_steps";
    case SearchEnd::kOutOfProbes:
      return "out_of_probes";
    case SearchEnd::kSourceSmaller:
      return "source_smaller";
    case SearchEnd::kNotMeasured:
      return "not_measured";
  }
  return "";
}

Result<SearchEnd> parse_search_end(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(SearchEnd::kNotMeasured); ++i) {
    if (name == search_end_name(static_cast<SearchEnd>(i))) return static_cast<SearchEnd>(i);
  }
  return fail(ErrorCode::kInvalidArgument, "must be the end of a search, such as \"reached\"");
}

QualitySearch::QualitySearch(const QualityTarget& target, const QualityStart& start) : target_(target), start_(start) {
  start_.quality = std::clamp(start_.quality, target_.lowest_quality, target_.highest_quality);
  start_.slope = std::clamp(start_.slope, kFlattest, kSteepest);
}

const Probe* QualitySearch::nearest_below() const {
  const Probe* best = nullptr;
  for (const Probe& probe : probes_) {
    if (probe.score < target_.score - target_.below && (!best || probe.quality > best->quality)) best = &probe;
  }
  return best;
}

const Probe* QualitySearch::nearest_above() const {
  const Probe* best = nullptr;
  for (const Probe& probe : probes_) {
    if (probe.score > target_.score + target_.above && (!best || probe.quality < best->quality)) best = &probe;
  }
  return best;
}

int QualitySearch::guess() const {
  if (expected_) return *expected_;
  const Probe& last = probes_.back();
  const Probe* const before = probes_.size() > 1 ? &probes_[probes_.size() - 2] : nullptr;
  const Probe* const below = nearest_below();
  const Probe* const above = nearest_above();
  const auto from = [&](const Probe& probe, double slope, double farthest) {
    const double step = (target_.aim() - probe.score) / std::clamp(slope, kFlattest, kSteepest);
    return probe.quality + static_cast<int>(std::lround(std::clamp(step, -farthest, farthest)));
  };
  if (below && above) {
    // A secant that falls short twice on one side is bent too much to be followed on.
    const bool fell_short = probes_.size() > 2 && (last.score < target_.aim()) == (before->score < target_.aim());
    if (fell_short) return (below->quality + above->quality) / 2;
    const double slope = (above->score - below->score) / std::max(1, above->quality - below->quality);
    const bool above_is_nearer = std::abs(above->score - target_.aim()) < std::abs(below->score - target_.aim());
    return from(above_is_nearer ? *above : *below, slope, 100);
  }
  const bool two = before && before->quality != last.quality;
  return from(last, two ? (last.score - before->score) / (last.quality - before->quality) : start_.slope, kFarthest);
}

std::optional<int> QualitySearch::next() const {
  if (probes_.empty())
    return expected_ ? std::clamp(*expected_, target_.lowest_quality, target_.highest_quality) : start_.quality;
  if (target_.accepts(probes_.back().score) || std::ssize(probes_) >= target_.max_probes) return std::nullopt;
  const Probe* const below = nearest_below();
  const Probe* const above = nearest_above();
  const int low = below ? below->quality + 1 : target_.lowest_quality;
  const int high = above ? above->quality - 1 : target_.highest_quality;
  if (low > high) return std::nullopt;
  return std::clamp(guess(), low, high);
}

void QualitySearch::tell(const Probe& probe) {
  probes_.push_back(probe);
  expected_.reset();
}

SearchOutcome QualitySearch::outcome() const {
  for (const Probe& probe : probes_) {
    if (target_.accepts(probe.score)) return {SearchEnd::kReached, probe, {}};
  }
  const Probe* const below = nearest_below();
  const Probe* const above = nearest_above();
  // Too good costs bytes, too bad costs trust: the higher one is kept.
  if (!above) {
    return {below->quality >= target_.highest_quality ? SearchEnd::kBestIsTooLow : SearchEnd::kOutOfProbes, *below, {}};
  }
  if (!below) {
    return {
        above->quality <= target_.lowest_quality ? SearchEnd::kWorstIsTooGood : SearchEnd::kOutOfProbes, *above, {}};
  }
  if (below->quality + 1 < above->quality) return {SearchEnd::kOutOfProbes, *above, {}};
  return {SearchEnd::kBetweenSteps, *above, *below};
}

}  // namespace tintype
