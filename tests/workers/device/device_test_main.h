// main() for tests of device lanes: this program is also its own zygote and its own device processes. Link
// `device_test_main` and define kEngineKinds and kChildMain.
#pragma once

#include <span>

#include "tests/workers/zygote_test_main.h"
#include "workers/device/device_process.h"

namespace tintype::testing {

// What this program's device processes open.
extern const std::span<const EngineKind> kEngineKinds;

}  // namespace tintype::testing
