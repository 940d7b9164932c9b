#include "tests/workers/fpga/mutants/forgetful_units.h"

#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#define ComputeUnit UnitWithoutFetching
#define XCL_BO_SYNC_BO_FROM_DEVICE XCL_BO_SYNC_BO_TO_DEVICE
#include "workers/fpga/compute_unit.cpp"

namespace tintype::testing {

Status run_without_fetching(const std::string& xclbin_path, const KernelCall& call) {
  xrt::device device(0);
  const xrt::uuid uuid = device.load_xclbin(xclbin_path);
  TT_ASSIGN(ComputeUnit unit, ComputeUnit::open(device, uuid, call.kernel, call.kernel + "_1"));
  TT_TRY(unit.start(call));
  return unit.finish(call, std::chrono::seconds(30));
}

}  // namespace tintype::testing
