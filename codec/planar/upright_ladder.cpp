#include "codec/planar/upright_ladder.h"

#include <algorithm>
#include <utility>

namespace tintype {
namespace {

constexpr std::uint16_t kNoColour = 128 << 6;

}  // namespace

UprightLadder::UprightLadder(std::span<const PlaneSource> components, std::uint8_t orientation,
                             std::span<const PictureSize> sizes)
    : turn_(turn_of(orientation)), sources_(components.begin(), components.end()), rows_(components.size()) {
  for (const PictureSize& size : sizes) {
    const bool swaps = turn_.swaps_sides;
    planes_.push_back(
        Planes::allocate(swaps ? size.height : size.width, swaps ? size.width : size.height, size.chroma));
  }
  for (std::size_t component = 0; component < sources_.size(); ++component) {
    std::vector<PlaneTarget> targets;
    for (Planes& planes : planes_) {
      const bool is_half = component > 0 && planes.chroma() == Chroma::kHalf;
      targets.push_back({planes.plane(static_cast<int>(component)),
                         {planes.width(), planes.height(), is_half, turn_.mirror_x, turn_.mirror_y}});
    }
    ladders_.emplace_back(sources_[component], targets);
  }
  if (sources_.size() > 1) return;
  for (Planes& planes : planes_)
    for (const int chroma : {1, 2}) std::ranges::fill(planes.plane(chroma), kNoColour);
}

void UprightLadder::push_row(std::size_t component, const std::uint8_t* row) {
  ladders_[component].push_row(row);
  ++rows_[component];
}

std::vector<Planes> UprightLadder::take() && {
  if (turn_.swaps_sides)
    for (Planes& planes : planes_) planes = with_sides_swapped(planes);
  return std::move(planes_);
}

}  // namespace tintype
