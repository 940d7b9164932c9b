// What "auto", "all" or "0,2" picks of a list of devices. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "workers/device/device_engine.h"

namespace tintype {

struct DeviceChoice {
  std::vector<std::size_t> places;   // in the list, each once, in its order
  std::vector<std::string> missing;  // places that were named and are not there
};

// kInvalidArgument: neither "auto", "none", "all" nor numbers joined by commas; the message names `option`.
Result<DeviceChoice> choose_devices(std::string_view option, std::string_view words,
                                    const std::vector<DeviceInfo>& found);

}  // namespace tintype
