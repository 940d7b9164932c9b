// How many more bytes one encoder takes than another at equal quality.
#pragma once

#include <optional>
#include <vector>

namespace tintype::bench {

// One file: its bytes, and how good it is by some measure.
struct RatePoint {
  double bytes = 0;
  double quality = 0;
};

// Mean over the qualities that both reach, each curve's log of bytes linear between its points: 0.02 is 2 % more than
// `base`. Empty if they share less than `least_overlap` of quality.
std::optional<double> bd_rate(std::vector<RatePoint> base, std::vector<RatePoint> other, double least_overlap);

}  // namespace tintype::bench
