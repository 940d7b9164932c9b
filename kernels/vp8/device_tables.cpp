#include "kernels/vp8/device_tables.h"

#include <algorithm>
#include <cstring>

namespace tintype {

Vp8DeviceTables device_tables(const vp8::FrameTables& tables) {
  Vp8DeviceTables out{};
  static_assert(sizeof(out.quantisers) == sizeof(tables.quantisers) && sizeof(out.costs) == sizeof(tables.costs));
  static_assert(sizeof(out.sub_mode_costs) == sizeof(tables.modes[0]->sub));
  std::memcpy(out.quantisers, tables.quantisers, sizeof(out.quantisers));
  std::memcpy(out.costs, tables.costs, sizeof(out.costs));
  std::ranges::copy(tables.modes[0]->luma, out.luma_mode_costs);
  std::ranges::copy(tables.modes[0]->chroma, out.chroma_mode_costs);
  std::memcpy(out.sub_mode_costs, tables.modes[0]->sub, sizeof(out.sub_mode_costs));
  return out;
}

}  // namespace tintype
