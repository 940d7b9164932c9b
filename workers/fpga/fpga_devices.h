// The FPGA cards of this machine, as XRT shows them. Drivers start threads and may hang: only the process of an FPGA
// lane asks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace tintype {

struct FpgaDevice {
  std::uint32_t index = 0;  // what FpgaCard::open() takes
  std::string kind;         // "fpga", or "fpga-emu" for an emulated card
  std::string name;         // the platform on it
  std::string place;        // PCIe address
  std::uint64_t clock_mhz = 0;

  // Photos are sent to it unless told otherwise: an emulated card computes on the CPU, slowly.
  bool is_used_by_default() const { return kind == "fpga"; }
};

// Where XRT's driver shows that it is loaded; elsewhere in tests.
inline constexpr const char* kXrtDriverFolder = "/sys/bus/pci/drivers/xocl";

// Why XRT must not be asked for cards, in a sentence; empty if it may. It ends the process over some of what it does
// not find.
std::string why_no_xrt(const std::string& driver_folder = kXrtDriverFolder);

// Whether cards are emulated ones in this process.
bool has_emulated_cards();

// Empty where there is no card, or no driver: `reason` then says why, in a sentence. kUnsupported: built without XRT.
struct FpgaDevices {
  std::vector<FpgaDevice> found;
  std::string reason;
};
Result<FpgaDevices> list_fpga_devices();

}  // namespace tintype
