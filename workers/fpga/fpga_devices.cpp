#include "workers/fpga/fpga_devices.h"

#include <xrt/xrt_device.h>

#include <cstdlib>
#include <filesystem>

#include "workers/fpga/xrt_call.h"

namespace tintype {
namespace {

bool is_emulating() { return std::getenv("XCL_EMULATION_MODE") != nullptr; }

// XRT loads drivers from there, and aborts the process over some of what it does not find.
std::string why_not_asked() {
  if (!is_emulating()) {
    return std::filesystem::exists("/sys/bus/pci/drivers/xocl") ? "" : "no FPGA card: XRT's driver (xocl) is not loaded";
  }
  const char* folder = std::getenv("XILINX_XRT");
  if (!folder) return "XCL_EMULATION_MODE is set but XILINX_XRT is not: set it to the folder whose lib/ has the emulated card";
  const std::string driver = std::string(folder) + "/lib/libxrt_hwemu.so.2";
  return std::filesystem::exists(driver) ? "" : "XILINX_XRT names a folder without an emulated card: there is no " + driver;
}

FpgaDevice describe(std::uint32_t index, const xrt::device& device) {
  FpgaDevice described{index, is_emulating() ? "fpga-emu" : "fpga", "", "", 0};
  // What a driver does not know stays empty.
  if (auto name = xrt_call("asking its name", [&] { return device.get_info<xrt::info::device::name>(); })) described.name = *name;
  if (auto place = xrt_call("asking its place", [&] { return device.get_info<xrt::info::device::bdf>(); })) {
    described.place = *place;
  }
  if (auto clock = xrt_call("asking its clock", [&] { return device.get_info<xrt::info::device::max_clock_frequency_mhz>(); })) {
    described.clock_mhz = *clock;
  }
  return described;
}

}  // namespace

Result<FpgaDevices> list_fpga_devices() {
  constexpr std::uint32_t kMostCards = 16;
  FpgaDevices devices;
  devices.reason = why_not_asked();
  if (!devices.reason.empty()) return devices;
  for (std::uint32_t index = 0; index < kMostCards; ++index) {
    // There is no call that counts them.
    auto device = xrt_call("opening card " + std::to_string(index), [&] { return xrt::device(index); });
    if (!device) {
      if (index == 0) devices.reason = "no FPGA card: " + device.error().message;
      break;
    }
    devices.found.push_back(describe(index, *device));
  }
  return devices;
}

}  // namespace tintype
