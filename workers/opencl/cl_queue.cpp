#include "workers/opencl/cl_queue.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace tintype {

Status enqueue_write(cl_command_queue queue, cl_mem memory, std::uint64_t at, ByteView bytes) {
  return cl_status(clEnqueueWriteBuffer(queue, memory, CL_FALSE, at, bytes.size(), bytes.data(), 0, nullptr, nullptr),
                   "sending a picture");
}

Status enqueue_read(cl_command_queue queue, cl_mem memory, std::uint64_t at, std::span<std::uint8_t> out) {
  return cl_status(clEnqueueReadBuffer(queue, memory, CL_FALSE, at, out.size(), out.data(), 0, nullptr, nullptr),
                   "fetching what it made");
}

Status wait_for(cl_command_queue queue) {
  constexpr std::chrono::microseconds kFirstPause{50}, kLongestPause{1000};
  auto pause = kFirstPause;
  cl_event event = nullptr;
  TT_TRY(cl_status(clEnqueueMarkerWithWaitList(queue, 0, nullptr, &event), "waiting for it"));
  const ClEvent all(event);
  TT_TRY(cl_status(clFlush(queue), "waiting for it"));
  for (;;) {
    cl_int state = CL_COMPLETE;
    TT_TRY(cl_status(clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state, &state, nullptr),
                     "waiting for it"));
    if (state < 0) return cl_status(state, "working on a picture");
    if (state == CL_COMPLETE) return {};
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 9 / 8, kLongestPause);
  }
}

}  // namespace tintype
