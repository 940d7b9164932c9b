// The lane of an OpenCL device: of PoCL's, where there is no other.
#include "tests/workers/device/device_test_main.h"
#include "tests/workers/lane_kinds.h"
#include "workers/opencl/opencl_engine.h"

namespace tintype::testing {
namespace {

std::unique_ptr<Lane> make_opencl(int slots) { return make_device_lane_of("opencl", slots); }

constexpr EngineKind kEngines[] = {kOpenClEngine};

constexpr LaneKind kKinds[] = {
    {"opencl", true, false, make_opencl, coefficient_ladder},
    {"cpu", true, true, make_cpu_lane_of, file_ladder},
};

}  // namespace

const std::span<const EngineKind> kEngineKinds = kEngines;
constinit const std::span<const LaneKind> kLaneKinds = kKinds;

}  // namespace tintype::testing
