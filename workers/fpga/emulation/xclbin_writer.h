// An xclbin for emulated cards: what XRT reads of one, written from the kernels' signatures. It has no bitstream: a
// real card refuses it, because it says that it is for hardware emulation.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/base/bytes.h"
#include "kernels/hls/signatures.h"

namespace tintype {

struct UnitCount {
  std::string kernel;  // of kernel_signatures()
  std::uint32_t units = 1;
};

// The same bytes, and so the same identity, for the same units. kInvalidArgument: no such kernel.
Result<Bytes> write_emulation_xclbin(std::span<const UnitCount> units);

}  // namespace tintype
