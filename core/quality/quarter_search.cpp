#include "core/quality/quarter_search.h"

#include <algorithm>
#include <cmath>

namespace tintype {

QuarterSearch::QuarterSearch(const QualityTarget& target, const Probe& lower, const Probe& upper)
    : target_(target), lower_(lower), upper_(upper) {}

std::optional<int> QuarterSearch::next() const {
  const int open = upper_quarters_ - lower_quarters_;
  if (reached() || open < 2) return std::nullopt;
  const double part = (target_.aim() - lower_.score) / (upper_.score - lower_.score);
  return lower_quarters_ + std::clamp(static_cast<int>(std::lround(part * open)), 1, open - 1);
}

void QuarterSearch::tell(const Probe& probe) {
  if (probe.score < target_.score - target_.below) {
    lower_ = probe;
    lower_quarters_ = probe.quarters;
  } else {
    upper_ = probe;
    upper_quarters_ = probe.quarters;
  }
}

}  // namespace tintype
