// QuarterSearch: what lies between two neighbouring qualities, of which one scores too low and the next too high:
// quarters of the step (codec/encode.h says how encoders make them). Pure; driven as QualitySearch is.
#pragma once

#include <optional>

#include "core/quality/quality_search.h"

namespace tintype {

class QuarterSearch {
 public:
  // `lower` scores too low for `target`, `upper`, of the next quality, too high.
  QuarterSearch(const QualityTarget& target, const Probe& lower, const Probe& upper);

  // How many quarters above `lower` to try; none when the search has ended.
  std::optional<int> next() const;
  // What came of next().
  void tell(const Probe& probe);

  // At the end: whether the score was met, and by which probe; else the lowest of those that are too good.
  bool reached() const { return target_.accepts(upper_.score); }
  const Probe& kept() const { return upper_; }

 private:
  QualityTarget target_;
  Probe lower_, upper_;
  int lower_quarters_ = 0, upper_quarters_ = 4;
};

}  // namespace tintype
