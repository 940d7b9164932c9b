// The devices of this machine, asked in processes that are ended afterwards: for `tintype devices` where no farm runs,
// and for
// `--verify`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/devices/device_options.h"
#include "cli/http/farm_json.h"
#include "core/base/result.h"
#include "workers/device/device_engine.h"
#include "workers/device/self_test.h"

namespace tintype {

struct OwnDevice {
  std::string lane;  // what a farm calls it: "opencl-0"
  DeviceInfo info;
  std::optional<SelfTestReport> test;
  std::string failure;  // why there is no test
};

struct OwnDevices {
  std::vector<OwnDevice> devices;
  std::vector<std::string> reasons;  // why there are no others, a sentence each
};

// Lists every device, and tests those that are used by default: `all_of_them`, the others too. A driver that hangs
// costs its time-out; what is under way is told on stderr.
OwnDevices test_own_devices(const DeviceOptions& options, bool all_of_them);

// Nothing differs, and nothing could not be tested.
bool all_passed(const OwnDevices& own);

std::string own_devices_text(const OwnDevices& own, bool with_checks);
Json own_devices_json(const OwnDevices& own);

}  // namespace tintype
