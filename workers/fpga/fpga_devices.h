// The FPGA cards of this machine, as XRT shows them. Drivers start threads and may hang: only the process of an FPGA lane asks.
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

// Empty where there is no card, or no driver: `reason` then says why, in a sentence. kUnsupported: built without XRT.
struct FpgaDevices {
  std::vector<FpgaDevice> found;
  std::string reason;
};
Result<FpgaDevices> list_fpga_devices();

}  // namespace tintype
