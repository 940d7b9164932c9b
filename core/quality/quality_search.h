// QualitySearch: which quality an encoder is tried with next, until a file's score is what was asked for. Pure; whoever
// drives it encodes, decodes and measures:
//
//   QualitySearch search(target, start);
//   while (const auto quality = search.next()) search.tell(encode and measure at *quality);
//   search.outcome() says which probe's file is kept, and whether it is what was asked for.
//
// The first probe is the prediction. From there: along the predicted slope, then a secant through the two probes that
// enclose the target (or the nearest two), always inside what earlier probes left open. A score is taken to grow with
// quality; where it does not (an encoder's own noise), the interval still shrinks with every probe, so the search ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/quality/quality_target.h"

namespace tintype {

struct Probe {
  int quality = 0;
  double score = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;  // CPU: encode, decode and metric
  int quarters = 0;    // of the way to the next quality (quarter_search.h)
  bool operator==(const Probe&) const = default;
};

// What is thought of a picture before the first probe.
struct QualityStart {
  int quality = 75;
  double slope = 0.6;  // score a step of quality, there
};

enum class SearchEnd : std::uint8_t {
  kReached,
  kBestIsTooLow,    // at the highest quality allowed
  kWorstIsTooGood,  // at the lowest quality allowed
  kBetweenSteps,  // one quality is too low, the next one too high, and so is what lies between: the higher one is kept
  kOutOfProbes,
  kSourceSmaller,  // a file of that score would have more bytes than the photo itself: the best that has not is kept
  kNotMeasured,    // the picture is too small for the metric
};
std::string_view search_end_name(SearchEnd end);  // "reached", "best_is_too_low", ...
Result<SearchEnd> parse_search_end(std::string_view name);

struct SearchOutcome {
  SearchEnd end = SearchEnd::kReached;
  Probe kept;
  Probe lower;  // of kBetweenSteps: the quality before, which is too low
  bool reached() const { return end == SearchEnd::kReached; }
};

class QualitySearch {
 public:
  // `target` is valid.
  QualitySearch(const QualityTarget& target, const QualityStart& start);

  // The quality to try; none when the search has ended.
  std::optional<int> next() const;
  // What came of next().
  void tell(const Probe& probe);
  // The quality that somebody who knows more than a slope thinks right: the next probe, within what is left open.
  void expect(int quality) { expected_ = quality; }

  const std::vector<Probe>& probes() const { return probes_; }
  // After the end.
  SearchOutcome outcome() const;

 private:
  const Probe* nearest_below() const;  // the best of those that score too low
  const Probe* nearest_above() const;
  int guess() const;

  QualityTarget target_;
  QualityStart start_;
  std::vector<Probe> probes_;
  std::optional<int> expected_;
};

}  // namespace tintype
