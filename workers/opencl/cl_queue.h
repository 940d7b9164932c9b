// What one thread says to a device in a command queue, beside kernels.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/bytes.h"
#include "workers/opencl/cl_api.h"

namespace tintype {

// Enqueue; `bytes` and `out` must stay until the queue is done.
Status enqueue_write(cl_command_queue queue, cl_mem memory, std::uint64_t at, ByteView bytes);
Status enqueue_read(cl_command_queue queue, cl_mem memory, std::uint64_t at, std::span<std::uint8_t> out);

// Waits for everything that was enqueued. Asks now and then instead of calling clFinish: drivers of GPUs wait there
// with a core at full load.
Status wait_for(cl_command_queue queue);

}  // namespace tintype
