// Nelder and Mead's simplex ("A simplex method for function minimization", 1965): the least of a function of a few
// numbers without its slopes. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace tintype::bench {

template <std::size_t kNumbers, typename Cost>
std::array<double, kNumbers> least_by_simplex(const std::array<double, kNumbers>& start, double size, int steps,
                                              Cost cost) {
  using Point = std::array<double, kNumbers>;
  struct Corner {
    Point at;
    double cost;
  };
  const auto towards = [](const Point& from, const Point& to, double part) {
    Point point;
    for (std::size_t i = 0; i < kNumbers; ++i) point[i] = from[i] + part * (to[i] - from[i]);
    return point;
  };
  const auto corner = [&](const Point& at) { return Corner{at, cost(at)}; };

  std::vector<Corner> corners{corner(start)};
  for (std::size_t i = 0; i < kNumbers; ++i) {
    Point point = start;
    point[i] += size;
    corners.push_back(corner(point));
  }
  for (int step = 0; step < steps; ++step) {
    std::ranges::sort(corners, {}, &Corner::cost);
    Corner& worst = corners.back();
    Point middle{};
    for (std::size_t c = 0; c < kNumbers; ++c)
      for (std::size_t i = 0; i < kNumbers; ++i) middle[i] += corners[c].at[i] / kNumbers;
    const Corner mirrored = corner(towards(middle, worst.at, -1));
    if (mirrored.cost < corners.front().cost) {
      const Corner farther = corner(towards(middle, worst.at, -2));
      worst = farther.cost < mirrored.cost ? farther : mirrored;
    } else if (mirrored.cost < corners[kNumbers - 1].cost) {
      worst = mirrored;
    } else if (const Corner nearer = corner(towards(middle, worst.at, 0.5)); nearer.cost < worst.cost) {
      worst = nearer;
    } else {
      for (std::size_t c = 1; c <= kNumbers; ++c) corners[c] = corner(towards(corners.front().at, corners[c].at, 0.5));
    }
  }
  return std::ranges::min(corners, {}, &Corner::cost).at;
}

}  // namespace tintype::bench
