// Emulated cards for a test, and an xclbin for them.
#pragma once

#include <string>

#include "tests/codec/support/environment.h"
#include "workers/fpga/emulation/xclbin_writer.h"

namespace tintype::testing {

// Each `settings` of a test is its own (workers/fpga/emulation/settings.h): the cards begin anew when it changes.
class EmulatedCards {
 public:
  explicit EmulatedCards(const std::string& settings, std::uint32_t units = 2);
  const std::string& xclbin_path() const { return xclbin_path_; }

 private:
  TemporaryFolder folder_;
  std::string xclbin_path_;
};

}  // namespace tintype::testing
