// FPGA cards where XRT was not there when Tintype was built.
#include "workers/fpga/fpga_card.h"
#include "workers/fpga/fpga_devices.h"

namespace tintype {
namespace {

std::unexpected<Error> not_built() {
  return fail(ErrorCode::kUnsupported,
              "this Tintype was built without XRT, so it has no FPGA lane; install libxrt-dev and build it again");
}

}  // namespace

std::string why_no_xrt(const std::string&) { return not_built().error().message; }
bool has_emulated_cards() { return false; }
Result<FpgaDevices> list_fpga_devices() { return not_built(); }
Result<FpgaXclbin> read_xclbin(const std::string&) { return not_built(); }
Result<std::unique_ptr<FpgaCard>> FpgaCard::open(const FpgaCardConfig&) { return not_built(); }

}  // namespace tintype
