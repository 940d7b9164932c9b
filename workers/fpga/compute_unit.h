// ComputeUnit: one instance of a kernel on a card. Two calls may be on their way, each with buffers of its own, so that
// one's memory moves while the other is computed. One thread's.
#pragma once

#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "kernels/hls/kernel_call.h"

namespace tintype {

class ComputeUnit {
 public:
  static constexpr std::size_t kMostStarted = 2;

  // `unit` as the xclbin calls it: "resize_plane_1".
  static Result<ComputeUnit> open(const xrt::device& device, const xrt::uuid& xclbin, const std::string& kernel,
                                  const std::string& unit);

  // Copies to the card what the call reads, and starts it. `call` fits the kernel (check_call). Fewer than kMostStarted
  // are.
  Status start(const KernelCall& call);
  // Waits for the one that was started first, and copies what it made to where `call` says. kTimedOut: still runs;
  // kWorkerCrashed: the card says that it failed; kUnavailable: the card does not answer.
  Status finish(const KernelCall& call, std::chrono::milliseconds timeout);
  // Takes back what was started.
  void abandon();

 private:
  struct Slot {
    xrt::run run;
    std::vector<xrt::bo> buffers;  // by parameter; empty where it is a number
  };

  ComputeUnit(xrt::device device, xrt::kernel kernel, std::string name)
      : device_(std::move(device)), kernel_(std::move(kernel)), name_(std::move(name)) {}
  Status fill(Slot& slot, const KernelCall& call);
  Status reserve(Slot& slot, std::size_t parameter, std::size_t bytes);

  xrt::device device_;
  xrt::kernel kernel_;
  std::string name_;
  std::array<Slot, kMostStarted> slots_;
  std::size_t oldest_ = 0, started_ = 0;
};

}  // namespace tintype
