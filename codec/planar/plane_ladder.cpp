#include "codec/planar/plane_ladder.h"

#include <algorithm>

#include "kernels/resize_taps.h"
#include "kernels/simd/resize_rows.h"

namespace tintype {

// One target's way from its level's rows.
struct PlaneLadder::Rung {
  Rung(const PlaneTarget& its_target, const ResizeAxis& x, const ResizeAxis& y)
      : target(its_target),
        across(make_resize_taps(x)),
        down(make_resize_taps(y)),
        row(across.out_samples + kRowSlack) {}

  bool is_whole() const { return rows_made == down.out_samples; }
  // The output row to make as the n-th: a mirrored picture is made from its last row on.
  std::uint32_t row_made(std::uint32_t n) const { return target.plane.mirror_y ? down.out_samples - 1 - n : n; }
  std::uint32_t next_row() const { return row_made(rows_made); }
  std::uint32_t reach() const;

  PlaneTarget target;
  ResizeTaps across;
  ResizeTaps down;
  std::vector<std::uint16_t> row;
  std::uint32_t rows_made = 0;
};

// How far back into the input a row reads when it is made. That is more than its own taps where the row before it,
// whose outermost taps are zero and left out, had to wait for later input.
std::uint32_t PlaneLadder::Rung::reach() const {
  std::uint32_t come = 0, reach = 0;
  for (std::uint32_t n = 0; n < down.out_samples; ++n) {
    const std::uint32_t first = down.first[row_made(n)];
    come = std::max(come, first + down.count);
    reach = std::max(reach, come - first);
  }
  return reach;
}

// The input, halved a number of times: the last rows of it, and the rungs made from them.
struct PlaneLadder::Level {
  explicit Level(const PlaneSource& its_size) : size(its_size), mixed(size.width + kRowSlack) {}

  void keep_rows(std::uint32_t count) {
    kept = std::max<std::uint32_t>(2, count);
    samples.assign(row_samples() * kept, 0);
    window.resize(kept);
  }
  std::size_t row_samples() const { return size.width + kRowSlack; }
  std::int16_t* row(std::uint32_t y) { return samples.data() + row_samples() * (y % kept); }
  void make_rows();

  PlaneSource size;
  std::uint32_t kept = 0;
  std::vector<std::int16_t> samples;  // of `kept` rows
  std::uint32_t rows = 0;             // that came
  std::vector<Rung> rungs;
  std::vector<const std::int16_t*> window;
  std::vector<std::int16_t> mixed;
};

void PlaneLadder::Level::make_rows() {
  for (Rung& rung : rungs) {
    while (!rung.is_whole() && rung.down.first[rung.next_row()] + rung.down.count <= rows) {
      const std::uint32_t y = rung.next_row();
      for (std::uint32_t k = 0; k < rung.down.count; ++k) window[k] = row(rung.down.first[y] + k);
      simd::mix_rows(window.data(), rung.down.weights_of(y), rung.down.count, size.width, mixed.data());
      simd::filter_row(mixed.data(), rung.across, rung.row.data());
      std::copy_n(rung.row.data(), rung.across.out_samples,
                  rung.target.samples.begin() + static_cast<std::ptrdiff_t>(std::size_t{y} * rung.across.out_samples));
      ++rung.rows_made;
    }
  }
}

PlaneLadder::PlaneLadder(const PlaneSource& source, std::span<const PlaneTarget> targets) {
  levels_.push_back(std::make_unique<Level>(source));
  for (const PlaneTarget& target : targets) {
    const RungGeometry geometry = rung_geometry(source, target.plane);
    while (levels_.size() <= geometry.halvings)
      levels_.push_back(std::make_unique<Level>(halved(levels_.back()->size)));
    levels_[geometry.halvings]->rungs.emplace_back(target, geometry.across, geometry.down);
  }
  for (const auto& level : levels_) {
    std::uint32_t reach = 0;
    for (const Rung& rung : level->rungs) reach = std::max(reach, rung.reach());
    level->keep_rows(reach);
  }
}

PlaneLadder::~PlaneLadder() = default;
PlaneLadder::PlaneLadder(PlaneLadder&&) noexcept = default;

void PlaneLadder::push_row(const std::uint8_t* row) {
  Level& input = *levels_.front();
  simd::widen_row(row, input.size.width, input.row(input.rows));
  push_to(0);
}

// A row came to this level: makes what can be made from it, here and in the levels below.
void PlaneLadder::push_to(std::size_t index) {
  Level& level = *levels_[index];
  std::int16_t* newest = level.row(level.rows);
  // An odd last column is halved with itself.
  newest[level.size.width] = newest[level.size.width - 1];
  ++level.rows;
  level.make_rows();
  if (index + 1 == levels_.size()) return;
  const bool is_last = level.rows == level.size.height;
  if (level.rows % 2 != 0 && !is_last) return;
  Level& half = *levels_[index + 1];
  const std::int16_t* upper = level.rows % 2 != 0 ? newest : level.row(level.rows - 2);
  simd::halve_rows(upper, newest, half.size.width, half.row(half.rows));
  push_to(index + 1);
}

}  // namespace tintype
