// FPGA cards as device lanes have them: a JPEG's coefficients in, WebPs by Tintype's own encoder and planes out.
//
// A card that fails, or whose call does not end in time, is lost (kWorkerCrashed): its lane ends the process, whereupon
// the driver takes the card back, and starts another that configures it anew.
#pragma once

#include <chrono>
#include <memory>

#include "workers/device/device_engine.h"

namespace tintype {

// DeviceSpec::address is the card's number, as XRT counts; `path` the xclbin's. A list needs none; with one it says
// which it is.
Result<DeviceList> list_fpga_engines(const DeviceSpec& spec);
Result<std::unique_ptr<DeviceEngine>> open_fpga_engine(const DeviceSpec& spec);
// `call_timeout`: what one call of a kernel may take on the card.
Result<std::unique_ptr<DeviceEngine>> open_fpga_engine(const DeviceSpec& spec, std::chrono::milliseconds call_timeout);

inline constexpr EngineKind kFpgaEngine{"fpga", list_fpga_engines, open_fpga_engine};

}  // namespace tintype
