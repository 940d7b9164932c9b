#include "tests/workers/fpga/emulated_cards.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <vector>

namespace tintype::testing {
namespace {

std::atomic<int> used{0};

}  // namespace

EmulatedCards::EmulatedCards(const std::string& settings, std::uint32_t units)
    : xclbin_path_(folder_.path() + "/tintype.xclbin") {
  setenv("XCL_EMULATION_MODE", "hw_emu", 1);
  setenv("XILINX_XRT", TINTYPE_FPGA_EMULATION_FOLDER, 1);
  const std::string seed = "seed=" + std::to_string(++used);
  setenv("TINTYPE_FPGA_EMULATION", (settings.empty() ? seed : settings + "," + seed).c_str(), 1);
  const std::vector<UnitCount> all = {
      {"jpeg_plane", units}, {"halve_plane", units}, {"resize_plane", units}, {"vp8_macroblocks", 1}};
  const auto xclbin = write_emulation_xclbin(all);
  EXPECT_TRUE(xclbin);
  write_file(xclbin_path_, xclbin->view());
}

}  // namespace tintype::testing
