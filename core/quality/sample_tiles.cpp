#include "core/quality/sample_tiles.h"

#include <algorithm>
#include <cmath>

namespace tintype {
namespace {

constexpr double kShare = 0.125;
constexpr std::uint32_t kLeastColumns = 2, kMostColumns = 6;
constexpr std::uint32_t kBlock = 16;
// The generators of the R2 sequence (Roberts, 2018): powers of the inverse of the root of x^3 = x + 1.
constexpr double kStepX = 0.7548776662466927, kStepY = 0.5698402909980532;

std::uint32_t place(double at, std::uint32_t side) {
  const double free_px = double(side - SamplePlan::kTileSide);
  return static_cast<std::uint32_t>((at - std::floor(at)) * free_px) / kBlock * kBlock;
}

}  // namespace

SamplePlan plan_sample(std::uint32_t width, std::uint32_t height) {
  constexpr std::uint32_t kSide = SamplePlan::kTileSide;
  SamplePlan plan;
  if (std::min(width, height) < kSide) return plan;
  const double tiles = double(width) * height * kShare / (kSide * kSide);
  if (tiles < kLeastColumns * kLeastColumns) return plan;
  plan.columns = std::clamp(static_cast<std::uint32_t>(std::sqrt(tiles)), kLeastColumns, kMostColumns);
  plan.rows = std::clamp(static_cast<std::uint32_t>(tiles / plan.columns), kLeastColumns, kMostColumns);
  for (std::uint32_t i = 0; i < plan.columns * plan.rows; ++i) {
    plan.tiles.push_back({place(0.5 + i * kStepX, width), place(0.5 + i * kStepY, height)});
  }
  return plan;
}

}  // namespace tintype
