// The self-test of a device: made-up photos, hostile ones too, whose results must equal the CPU's byte for byte, and
// how fast it is. For `tintype devices`; runs in a device process.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "workers/device/device_engine.h"

namespace tintype {

struct SelfTestReport {
  struct Check {
    std::string name;
    bool passed = false;
    std::string detail;  // what differs, or the device's error
  };
  struct Rate {
    std::string name;
    double megapixels_a_second = 0;  // of the source, all sessions together, host work and copies included
  };
  DeviceInfo device;
  std::vector<Check> checks;
  std::vector<Rate> rates;  // of a device that passed all checks and is no emulation

  bool passed() const { return !checks.empty() && std::ranges::all_of(checks, &Check::passed); }
};

// Told what comes next, for those who wait: a check's or a rate's name.
using SelfTestProgress = std::function<void(const std::string& step)>;

// Takes a few times `seconds_a_rate` and what the checks take; 0: no rates. A device that is not used unless it is
// named is measured by less.
SelfTestReport run_self_test(
    DeviceEngine& engine, double seconds_a_rate, const SelfTestProgress& progress = [](const auto&) {});

}  // namespace tintype
