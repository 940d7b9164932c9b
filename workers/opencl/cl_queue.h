// What one thread says to a device in a command queue, beside kernels.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/bytes.h"
#include "workers/opencl/cl_api.h"

namespace tintype {

// Enqueue; `bytes` and `out` must stay until the queue is done. Some drivers copy from a device only when they hold the
// calling thread until then, at full load, unless `out` is memory of theirs: so a read comes after wait_for().
Status enqueue_write(cl_command_queue queue, cl_mem memory, std::uint64_t at, ByteView bytes);
Status enqueue_read(cl_command_queue queue, cl_mem memory, std::uint64_t at, std::span<std::uint8_t> out);

// Waits for everything that was enqueued. Asks now and then, less often the longer it takes, instead of calling
// clFinish: drivers of GPUs wait there with a core at full load.
Status wait_for(cl_command_queue queue);

}  // namespace tintype
