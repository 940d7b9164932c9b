#include "kernels/vp8/modes.h"

#include "kernels/shared/vp8/code_block.h"
#include "kernels/vp8/bit_cost.h"

namespace tintype::vp8 {
namespace {

ModeCosts make_costs(int thrift) {
  ModeCosts costs;
  const auto counted = [thrift](auto visit) {
    int cost = 0;
    visit([&](bool bit, int prob) { cost += bit_cost(bit, prob); });
    return static_cast<std::int16_t>(((cost * kVp8Unit + 128) / 256) << thrift);
  };
  for (int mode = 0; mode < 5; ++mode) {
    costs.luma[mode] = counted([&](auto put) { visit_luma_mode(mode, put); });
  }
  for (int mode = 0; mode < 4; ++mode) {
    costs.chroma[mode] = counted([&](auto put) { visit_chroma_mode(mode, put); });
  }
  for (int above = 0; above < kVp8SubModes; ++above) {
    for (int left = 0; left < kVp8SubModes; ++left) {
      for (int mode = 0; mode < 16; ++mode) {
        costs.sub[above][left][mode] = mode < kVp8SubModes
                                           ? counted([&](auto put) { visit_sub_mode(mode, above, left, put); })
                                           : static_cast<std::int16_t>(kVp8MostCost);
      }
    }
  }
  return costs;
}

}  // namespace

const ModeCosts& ModeCosts::of_key_frames() { return of_key_frames(0); }

const ModeCosts& ModeCosts::of_key_frames(int thrift) {
  static const ModeCosts costs[kThrifts] = {make_costs(0), make_costs(1), make_costs(2), make_costs(3)};
  return costs[thrift];
}

}  // namespace tintype::vp8
