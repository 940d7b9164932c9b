// The lane of an emulated FPGA card.
#include "tests/workers/device/device_test_main.h"
#include "tests/workers/fpga/emulated_cards.h"
#include "tests/workers/lane_kinds.h"
#include "workers/fpga/fpga_engine.h"

namespace tintype::testing {
namespace {

std::unique_ptr<Lane> make_fpga(int slots) {
  static const EmulatedCards cards("");
  return make_device_lane_of("fpga", slots, cards.xclbin_path());
}

constexpr EngineKind kEngines[] = {kFpgaEngine};

constexpr LaneKind kKinds[] = {{"fpga", true, false, make_fpga, coefficient_ladder, 16}};

}  // namespace

const std::span<const EngineKind> kEngineKinds = kEngines;
constinit const std::span<const LaneKind> kLaneKinds = kKinds;

}  // namespace tintype::testing
