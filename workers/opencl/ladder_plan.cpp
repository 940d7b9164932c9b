#include "workers/opencl/ladder_plan.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "codec/planar/upright_planes.h"
#include "codec/planes.h"
#include "kernels/resize_taps.h"
#include "kernels/rung_geometry.h"

namespace tintype {
namespace {

constexpr std::uint64_t kAlignment = 256;  // bytes: a device reads its memory in lines no longer than this
constexpr std::uint16_t kNoColour = 128 << 6;

std::uint64_t aligned(std::uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

class Planner {
 public:
  Planner(std::span<const JpegComponent> components, std::uint8_t orientation, std::span<const PictureSize> sizes)
      : components_(components), turn_(turn_of(orientation)), sizes_(sizes) {}

  LadderPlan plan() {
    // Tables come first, so everything else waits until their size is known.
    for (const JpegComponent& component : components_) quantisers_at_.push_back(add_table(component.quantiser));
    for (const PictureSize& size : sizes_) add_picture_taps(size);
    next_at_ = aligned(tables_.size());

    for (std::size_t i = 0; i < components_.size(); ++i) add_component(i);
    for (const PictureSize& size : sizes_) add_picture(size);
    plan_.tables = Bytes::copy_of(tables_);
    plan_.arena_bytes = next_at_;
    return std::move(plan_);
  }

 private:
  struct PlaneTaps {
    RungGeometry geometry;
    TapsPlace across;
    TapsPlace down;
  };

  template <typename Numbers>
  std::uint64_t add_table(const Numbers& numbers) {
    const std::uint64_t at = aligned(tables_.size());
    const std::size_t bytes = numbers.size() * sizeof(numbers[0]);
    tables_.resize(at + bytes);
    std::memcpy(tables_.data() + at, numbers.data(), bytes);
    return at;
  }

  TapsPlace add_taps(const ResizeAxis& axis) {
    const ResizeTaps taps = make_resize_taps(axis);
    return {add_table(taps.first), add_table(taps.weights), taps.count, taps.stride};
  }

  // As the file holds it: before its sides are swapped.
  PictureSize stored(const PictureSize& size) const {
    return turn_.swaps_sides ? PictureSize{size.height, size.width, size.chroma} : size;
  }

  void add_picture_taps(const PictureSize& size) {
    const PictureSize held = stored(size);
    for (std::size_t i = 0; i < components_.size(); ++i) {
      // Cb and Cr nearly always have the same samples.
      if (i == 2 && same_grid(components_[1], components_[2])) {
        taps_.push_back(taps_.back());
        continue;
      }
      const bool is_half = i > 0 && size.chroma == Chroma::kHalf;
      const RungGeometry geometry =
          rung_geometry(components_[i].plane, {held.width, held.height, is_half, turn_.mirror_x, turn_.mirror_y});
      taps_.push_back({geometry, add_taps(geometry.across), add_taps(geometry.down)});
    }
  }

  static bool same_grid(const JpegComponent& a, const JpegComponent& b) {
    return a.plane.width == b.plane.width && a.plane.height == b.plane.height && a.plane.extent_x == b.plane.extent_x &&
           a.plane.extent_y == b.plane.extent_y;
  }

  std::uint64_t place(std::uint64_t bytes) { return std::exchange(next_at_, next_at_ + aligned(bytes)); }

  // The component's samples, and as many halvings of them as its rungs need.
  void add_component(std::size_t i) {
    const JpegComponent& component = components_[i];
    const std::uint32_t stride = component.width_blocks * component.scaled_size;
    const std::uint64_t samples = std::uint64_t{stride} * component.height_blocks * component.scaled_size;
    LevelPlace level{place(samples), true, component.plane.width, component.plane.height, stride};
    plan_.steps.push_back(IdctStep{coefficients_at_, quantisers_at_[i], level.at, component.width_blocks,
                                   component.height_blocks, component.scaled_size});
    coefficients_at_ += coefficient_bytes(component);

    std::uint32_t halvings = 0;
    for (std::size_t picture = 0; picture < sizes_.size(); ++picture)
      halvings = std::max(halvings, taps_of(picture, i).geometry.halvings);
    levels_.push_back({level});
    PlaneSource size = component.plane;
    for (std::uint32_t n = 0; n < halvings; ++n) {
      size = halved(size);
      const std::uint64_t bytes = std::uint64_t{size.width} * size.height * sizeof(std::int16_t);
      const LevelPlace next{place(bytes), false, size.width, size.height, size.width};
      plan_.steps.push_back(HalveStep{level, next});
      levels_.back().push_back(level = next);
    }
  }

  const PlaneTaps& taps_of(std::size_t picture, std::size_t component) const {
    return taps_[picture * components_.size() + component];
  }

  void add_picture(const PictureSize& size) {
    const std::size_t index = plan_.pictures.size();
    const PictureSize held = stored(size);
    const std::uint64_t bytes = planes_bytes(size.width, size.height, size.chroma);
    plan_.pictures.push_back({size, place(bytes), bytes});
    const std::uint64_t made_at = turn_.swaps_sides ? place(bytes) : plan_.pictures.back().at;

    std::uint64_t offset = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const bool is_half = i > 0 && size.chroma == Chroma::kHalf;
      const std::uint32_t width = is_half ? (held.width + 1) / 2 : held.width;
      const std::uint32_t height = is_half ? (held.height + 1) / 2 : held.height;
      const std::uint64_t samples = std::uint64_t{width} * height;
      if (i < components_.size()) {
        const PlaneTaps& taps = taps_of(index, i);
        const LevelPlace& in = levels_[i][taps.geometry.halvings];
        const std::uint64_t mixed_at = place(std::uint64_t{in.width} * height * sizeof(std::int16_t));
        plan_.steps.push_back(ResampleStep{in, taps.down, taps.across, mixed_at, made_at + offset, width, height});
      } else {
        plan_.steps.push_back(FillStep{made_at + offset, samples, kNoColour});
      }
      if (turn_.swaps_sides)
        plan_.steps.push_back(SwapSidesStep{made_at + offset, width, height, plan_.pictures.back().at + offset});
      offset += samples * sizeof(std::uint16_t);
    }
  }

  const std::span<const JpegComponent> components_;
  const Turn turn_;
  const std::span<const PictureSize> sizes_;
  LadderPlan plan_;
  std::vector<std::uint8_t> tables_;
  std::vector<std::uint64_t> quantisers_at_;
  std::vector<PlaneTaps> taps_;                  // of picture 0 its components, of picture 1, ...
  std::vector<std::vector<LevelPlace>> levels_;  // of each component
  std::uint64_t coefficients_at_ = 0;
  std::uint64_t next_at_ = 0;
};

}  // namespace

LadderPlan plan_ladder(std::span<const JpegComponent> components, std::uint8_t orientation,
                       std::span<const PictureSize> sizes) {
  return Planner(components, orientation, sizes).plan();
}

}  // namespace tintype
