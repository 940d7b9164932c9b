// ClLadder: carries out a LadderPlan on a device, in one queue. One thread's.
#pragma once

#include <map>
#include <string>

#include "kernels/reference/resize_rows.h"
#include "workers/opencl/cl_device.h"
#include "workers/opencl/ladder_plan.h"

namespace tintype {

class ClLadder {
 public:
  static Result<ClLadder> create(const ClDevice& device);

  // Enqueues everything; returns before it is done. `arena` has plan.arena_bytes, `coefficients` what the child handed
  // over; plan.tables must stay until the queue is done.
  Status enqueue(cl_command_queue queue, const LadderPlan& plan, cl_mem coefficients, cl_mem arena);
  // Fine samples to 8 bits.
  Status enqueue_code(cl_command_queue queue, cl_mem arena, std::uint64_t fine_at, std::uint64_t samples,
                      SampleCode code, std::uint64_t out_at);

 private:
  struct Kernels {
    ClKernel jpeg_plane, halve, mix_rows, filter_rows, swap_sides, fill_fine, code8;
  };
  explicit ClLadder(Kernels kernels) : kernels_(std::move(kernels)) {}

  Status run(cl_command_queue queue, cl_mem coefficients, cl_mem arena, const IdctStep& step);
  Status run(cl_command_queue queue, cl_mem coefficients, cl_mem arena, const HalveStep& step);
  Status run(cl_command_queue queue, cl_mem coefficients, cl_mem arena, const ResampleStep& step);
  Status run(cl_command_queue queue, cl_mem coefficients, cl_mem arena, const SwapSidesStep& step);
  Status run(cl_command_queue queue, cl_mem coefficients, cl_mem arena, const FillStep& step);

  Kernels kernels_;
};

}  // namespace tintype
