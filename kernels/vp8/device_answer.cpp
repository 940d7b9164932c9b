#include "kernels/vp8/device_answer.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/vp8/macroblock_search.h"

namespace tintype::vp8 {
namespace {

constexpr int kMostLevel = kVp8CategoryBase[5] + (1 << kVp8CategoryBits[5]) - 1;

// Sub-block modes at the edges of the macroblocks before, as their neighbours count them.
struct Neighbours {
  std::vector<std::uint8_t> above;
  std::uint8_t left[4] = {};

  void begin_row() { std::memset(left, kVp8SubDc, sizeof left); }
  void note(std::size_t column, const MacroblockModes& modes) {
    std::memcpy(&above[4 * column], modes.sub + 12, 4);
    for (int y = 0; y < 4; ++y) left[y] = modes.sub[4 * y + 3];
  }
};

bool are_modes(const Vp8DeviceMacroblock& of) {
  if (of.luma > kVp8SubBlocks || of.chroma >= kVp8Modes || of.is_empty > 1) return false;
  if (of.luma == kVp8SubBlocks)
    return std::ranges::all_of(of.sub_modes, [](std::uint8_t mode) { return mode < kVp8SubModes; });
  return std::ranges::all_of(of.sub_modes, [&](std::uint8_t mode) { return mode == sub_mode_of(of.luma); });
}

// Only what the macroblock's kind has, and what can be written.
bool are_levels(const Vp8DeviceMacroblock& of) {
  int most = 0;
  for (const auto& block : of.levels) {
    for (const std::int16_t level : block) most = std::max(most, vp8_abs(level));
  }
  if (most > kMostLevel) return false;
  if (of.luma == kVp8SubBlocks) return !detail::is_coded(of.levels[kVp8SecondOrderBlock]);
  return std::all_of(of.levels, of.levels + kVp8FirstU, [](const std::int16_t* block) { return block[0] == 0; });
}

int cost_of(const MacroblockModes& modes, const std::uint8_t* above, const std::uint8_t* left) {
  const ModeCosts& costs = ModeCosts::of_key_frames();
  int cost = costs.luma[modes.luma] + costs.chroma[modes.chroma];
  if (modes.luma != kVp8SubBlocks) return cost;
  for (int block = 0; block < 16; ++block) {
    const int x = block & 3, y = block >> 2;
    cost += costs.sub[y ? modes.sub[block - 4] : above[x]][x ? modes.sub[block - 1] : left[y]][modes.sub[block]];
  }
  return cost;
}

std::unexpected<Error> lied(std::size_t macroblock, const char* what) {
  return fail(ErrorCode::kWorkerLied,
              "the device answered " + std::string(what) + " for macroblock " + std::to_string(macroblock));
}

}  // namespace

Result<FrameAssembly> assemble_answer(const Picture& picture, const Settings& settings, const FramePlan& plan,
                                      std::span<const Vp8DeviceMacroblock> answered) {
  FrameAssembly assembly(picture, settings, plan.segments);
  const std::size_t columns = picture.macroblock_columns();
  Neighbours neighbours{std::vector<std::uint8_t>(4 * columns, kVp8SubDc)};
  MacroblockInput around;  // only which of its neighbours have coefficients
  Macroblock macroblock;   // all but its pixels
  for (std::size_t at = 0; at < answered.size(); ++at) {
    const Vp8DeviceMacroblock& of = answered[at];
    const std::size_t column = at % columns;
    if (column == 0) neighbours.begin_row();
    if (!are_modes(of)) return lied(at, "modes that there are not");
    if (!are_levels(of)) return lied(at, "levels that there are not");
    macroblock.modes.segment = plan.segments.of_macroblock[at];
    macroblock.modes.luma = of.luma;
    macroblock.modes.chroma = of.chroma;
    std::memcpy(macroblock.modes.sub, of.sub_modes, sizeof of.sub_modes);
    std::memcpy(macroblock.levels, of.levels, sizeof of.levels);
    macroblock.mode_cost = cost_of(macroblock.modes, &neighbours.above[4 * column], neighbours.left);
    around.above_coded = at >= columns ? answered[at - columns].below_coded : CodedBits{0};
    around.left_coded = column > 0 ? answered[at - 1].right_coded : CodedBits{0};
    detail::note_coded(around, macroblock);
    if (macroblock.mode_cost != of.mode_cost || macroblock.modes.is_empty != (of.is_empty != 0) ||
        macroblock.below_coded != of.below_coded || macroblock.right_coded != of.right_coded) {
      return lied(at, "an account that is not of its modes and levels");
    }
    assembly.add(macroblock, around.above_coded, around.left_coded);
    neighbours.note(column, macroblock.modes);
  }
  return assembly;
}

}  // namespace tintype::vp8
