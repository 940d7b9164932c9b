#include "workers/fpga/fpga_ladder.h"

#include <algorithm>
#include <string>
#include <utility>

namespace tintype {
namespace {

constexpr std::uint16_t kNoColour = 128 << 6;

ToKernel to_kernel(const auto& values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(values[0])};
}

KernelCall halving(const WordPlane& in, WordPlane& out) {
  return {"halve_plane",
          {in.bytes(), FromKernel(out.writable_bytes()), in.width, in.height, in.stride, std::uint32_t{in.is_8_bit},
           out.stride}};
}

KernelCall resizing(const WordPlane& in, const ResizeTaps& down, const ResizeTaps& across, bool is_mirrored,
                    WordPlane& out) {
  return {
      "resize_plane",
      {in.bytes(), to_kernel(down.first), to_kernel(down.weights), to_kernel(across.first), to_kernel(across.weights),
       FromKernel(out.writable_bytes()), in.width, in.height, in.stride, std::uint32_t{in.is_8_bit}, down.count,
       down.stride, across.count, across.stride, out.width, out.height, out.stride, std::uint32_t{is_mirrored}}};
}

void copy_samples(const WordPlane& from, std::span<std::uint16_t> to) {
  std::uint16_t* sample = to.data();
  for (std::uint32_t y = 0; y < from.height; ++y) {
    const tt_word* word = &from.words[std::size_t{y} * from.stride];
    for (std::uint32_t x = 0; x < from.width; ++x)
      *sample++ = static_cast<std::uint16_t>(word[x / 4] >> (16 * (x % 4)));
  }
}

}  // namespace

FpgaLadder::FpgaLadder(std::vector<StoredPlane> components, std::uint8_t orientation,
                       std::span<const PictureSize> sizes)
    : turn_(turn_of(orientation)), sizes_(sizes.begin(), sizes.end()) {
  for (StoredPlane& one : components) {
    Component& component = components_.emplace_back();
    std::uint32_t halvings = 0;
    for (std::size_t i = 0; i < sizes_.size(); ++i) {
      const PictureSize size = stored(i);
      const bool is_half = components_.size() > 1 && size.chroma == Chroma::kHalf;
      const RungGeometry geometry =
          rung_geometry(one.source, {size.width, size.height, is_half, turn_.mirror_x, turn_.mirror_y});
      Rung rung{geometry.halvings, make_resize_taps(geometry.across), make_resize_taps(geometry.down), {}, 0};
      rung.out = WordPlane::allocate(rung.across.out_samples, rung.down.out_samples, false);
      component.rungs.push_back(std::move(rung));
      halvings = std::max(halvings, geometry.halvings);
    }
    // Of whole blocks, only what the picture has.
    one.samples.width = one.source.width;
    one.samples.height = one.source.height;
    component.levels.push_back(std::move(one.samples));
    for (std::uint32_t n = 0; n < halvings; ++n) {
      const WordPlane& last = component.levels.back();
      component.levels.push_back(WordPlane::allocate((last.width + 1) / 2, (last.height + 1) / 2, false));
    }
  }
}

PictureSize FpgaLadder::stored(std::size_t size) const {
  const PictureSize& upright = sizes_[size];
  return turn_.swaps_sides ? PictureSize{upright.height, upright.width, upright.chroma} : upright;
}

Status FpgaLadder::check() const {
  for (const Component& component : components_) {
    const bool fits =
        component.levels[0].width <= kHlsMostWidth && std::ranges::all_of(component.rungs, [](const Rung& rung) {
          return rung.across.out_samples <= kHlsMostOutWidth &&
                 std::max(rung.across.count, rung.down.count) <= kHlsMostTaps;
        });
    if (fits) continue;
    return fail(ErrorCode::kUnsupported, "a picture of " + std::to_string(component.levels[0].width) + " x " +
                                             std::to_string(component.levels[0].height) +
                                             " px is wider, or reduced further, than the FPGA's kernels take");
  }
  return {};
}

Status FpgaLadder::start(CardCalls& calls) {
  TT_TRY(check());
  std::size_t most_levels = 0;
  for (const Component& component : components_) most_levels = std::max(most_levels, component.levels.size());
  for (std::size_t level = 1; level < most_levels; ++level) {
    std::vector<std::size_t> halvings;
    for (Component& component : components_) {
      if (level < component.levels.size())
        halvings.push_back(calls.submit(halving(component.levels[level - 1], component.levels[level])));
    }
    TT_TRY(calls.wait(halvings));
  }
  for (std::size_t size = 0; size < sizes_.size(); ++size) {
    for (Component& component : components_) {
      Rung& rung = component.rungs[size];
      rung.call =
          calls.submit(resizing(component.levels[rung.halvings], rung.down, rung.across, turn_.mirror_y, rung.out));
    }
  }
  return {};
}

Result<Planes> FpgaLadder::take(std::size_t size, CardCalls& calls) {
  const PictureSize held = stored(size);
  Planes made = Planes::allocate(held.width, held.height, held.chroma);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::span<std::uint16_t> samples = made.plane(static_cast<int>(i));
    if (i >= components_.size()) {
      std::ranges::fill(samples, kNoColour);
      continue;
    }
    Rung& rung = components_[i].rungs[size];
    TT_TRY(calls.wait(rung.call));
    copy_samples(rung.out, samples);
    rung.out.words = {};
  }
  return turn_.swaps_sides ? with_sides_swapped(made) : std::move(made);
}

}  // namespace tintype
