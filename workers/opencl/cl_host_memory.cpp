#include "workers/opencl/cl_host_memory.h"

#include <algorithm>
#include <utility>

namespace tintype {
namespace {

constexpr std::uint64_t kMostKept = 128ull << 20;  // what the macroblocks of 40 MP take

// Sizes are rounded up, so that photos that differ by little take the same.
std::uint64_t rounded(std::uint64_t bytes) {
  constexpr std::uint64_t kGrain = 4ull << 20;
  return (bytes + kGrain - 1) / kGrain * kGrain;
}

}  // namespace

ClHostMemory::ClHostMemory(ClHostMemory&& other) noexcept
    : device_(other.device_),
      queue_(other.queue_),
      memory_(std::move(other.memory_)),
      mapped_(std::exchange(other.mapped_, {})) {}

Result<std::span<std::uint8_t>> ClHostMemory::take(std::uint64_t bytes) {
  if (bytes > mapped_.size() || mapped_.size() > std::max(bytes, kMostKept)) {
    let_go();
    const std::uint64_t size = rounded(bytes);
    TT_ASSIGN(memory_, device_->allocate_on_host(size));
    cl_int code = CL_SUCCESS;
    void* const start = clEnqueueMapBuffer(queue_, memory_.get(), CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0, size, 0,
                                           nullptr, nullptr, &code);
    TT_TRY(cl_status(code, "mapping memory of the host"));
    mapped_ = {static_cast<std::uint8_t*>(start), size};
  }
  return mapped_.first(bytes);
}

void ClHostMemory::let_go() {
  if (!mapped_.empty()) clEnqueueUnmapMemObject(queue_, memory_.get(), mapped_.data(), 0, nullptr, nullptr);
  mapped_ = {};
  memory_.reset();
}

}  // namespace tintype
