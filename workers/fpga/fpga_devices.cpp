#include "workers/fpga/fpga_devices.h"

#include <xrt/xrt_device.h>

#include <cstdlib>
#include <filesystem>

#include "workers/fpga/xrt_call.h"

namespace tintype {
namespace {

FpgaDevice describe(std::uint32_t index, const xrt::device& device) {
  FpgaDevice described{index, has_emulated_cards() ? "fpga-emu" : "fpga", "", "", 0};
  // What a driver does not know stays empty.
  if (auto name = xrt_call("asking its name", [&] { return device.get_info<xrt::info::device::name>(); }))
    described.name = *name;
  if (auto place = xrt_call("asking its place", [&] { return device.get_info<xrt::info::device::bdf>(); })) {
    described.place = *place;
  }
  if (auto clock =
          xrt_call("asking its clock", [&] { return device.get_info<xrt::info::device::max_clock_frequency_mhz>(); })) {
    described.clock_mhz = *clock;
  }
  return described;
}

}  // namespace

bool has_emulated_cards() { return std::getenv("XCL_EMULATION_MODE") != nullptr; }

std::string why_no_xrt(const std::string& driver_folder) {
  const bool is_emulating = has_emulated_cards();
  if (!is_emulating && !std::filesystem::exists(driver_folder)) {
    return "no FPGA card: XRT's driver (xocl) is not loaded; install XRT and the card's platform (docs/fpga.md)";
  }
  const char* folder = std::getenv("XILINX_XRT");
  if (!folder) {
    return is_emulating
               ? "XCL_EMULATION_MODE is set but XILINX_XRT is not: set it to the folder whose lib/ has the emulated "
                 "card"
               : "XILINX_XRT is not set, so XRT cannot be found: run `. /opt/xilinx/xrt/setup.sh` before Tintype";
  }
  const std::string driver = std::string(folder) + (is_emulating ? "/lib/libxrt_hwemu.so.2" : "/lib/libxrt_core.so.2");
  if (std::filesystem::exists(driver)) return "";
  return std::string("XILINX_XRT names a folder without ") + (is_emulating ? "an emulated card" : "XRT") +
         ": there is no " + driver;
}

Result<FpgaDevices> list_fpga_devices() {
  constexpr std::uint32_t kMostCards = 16;
  FpgaDevices devices;
  devices.reason = why_no_xrt();
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
