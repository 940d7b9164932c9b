#include "workers/opencl/cl_ladder.h"

#include "workers/opencl/cl_launch.h"

namespace tintype {
namespace {

constexpr std::size_t kBlocksAGroup = 8;  // of kernel jpeg_plane

cl_uint flag(bool value) { return value ? 1 : 0; }

}  // namespace

Result<ClLadder> ClLadder::create(const ClDevice& device) {
  Kernels kernels;
  TT_ASSIGN(kernels.jpeg_plane, device.make_kernel("jpeg_planes", "jpeg_plane"));
  TT_ASSIGN(kernels.halve, device.make_kernel("resize", "halve"));
  TT_ASSIGN(kernels.mix_rows, device.make_kernel("resize", "mix_rows"));
  TT_ASSIGN(kernels.filter_rows, device.make_kernel("resize", "filter_rows"));
  TT_ASSIGN(kernels.swap_sides, device.make_kernel("resize", "swap_sides"));
  TT_ASSIGN(kernels.fill_fine, device.make_kernel("resize", "fill_fine"));
  TT_ASSIGN(kernels.code8, device.make_kernel("resize", "code8"));
  return ClLadder(std::move(kernels));
}

Status ClLadder::enqueue(cl_command_queue queue, const LadderPlan& plan, cl_mem coefficients, cl_mem arena) {
  TT_TRY(cl_status(
      clEnqueueWriteBuffer(queue, arena, CL_FALSE, 0, plan.tables.size(), plan.tables.data(), 0, nullptr, nullptr),
      "sending a ladder's tables"));
  for (const LadderStep& step : plan.steps)
    TT_TRY(std::visit([&](const auto& one) { return run(queue, coefficients, arena, one); }, step));
  return {};
}

Status ClLadder::enqueue_code(cl_command_queue queue, cl_mem arena, std::uint64_t fine_at, std::uint64_t samples,
                              SampleCode code, std::uint64_t out_at) {
  return launch(queue, kernels_.code8, {{samples, 1}}, "code8", arena, cl_ulong{fine_at}, cl_ulong{samples}, code.scale,
                code.bias, cl_ulong{out_at});
}

Status ClLadder::run(cl_command_queue queue, cl_mem coefficients, cl_mem arena, const IdctStep& step) {
  const std::size_t blocks = std::size_t{step.width_blocks} * step.height_blocks;
  const std::size_t groups = (blocks + kBlocksAGroup - 1) / kBlocksAGroup;
  return launch(queue, kernels_.jpeg_plane, {{groups * 64, 1}}, "jpeg_plane", coefficients,
                cl_ulong{step.coefficients_at}, arena, cl_ulong{step.quantiser_at}, cl_ulong{step.out_at},
                step.width_blocks, step.height_blocks, step.scaled_size);
}

Status ClLadder::run(cl_command_queue queue, cl_mem, cl_mem arena, const HalveStep& step) {
  const LevelPlace& in = step.in;
  return launch(queue, kernels_.halve, {{step.out.width, step.out.height}}, "halve", arena, cl_ulong{in.at},
                flag(in.is_8_bit), in.width, in.height, in.stride, cl_ulong{step.out.at}, step.out.width);
}

Status ClLadder::run(cl_command_queue queue, cl_mem, cl_mem arena, const ResampleStep& step) {
  const LevelPlace& in = step.in;
  TT_TRY(launch(queue, kernels_.mix_rows, {{in.width, step.out_height}}, "mix_rows", arena, cl_ulong{in.at},
                flag(in.is_8_bit), in.width, in.stride, cl_ulong{step.down.first_at}, cl_ulong{step.down.weights_at},
                step.down.taps, step.down.weights_stride, cl_ulong{step.mixed_at}));
  return launch(queue, kernels_.filter_rows, {{step.out_width, step.out_height}}, "filter_rows", arena,
                cl_ulong{step.mixed_at}, in.width, cl_ulong{step.across.first_at}, cl_ulong{step.across.weights_at},
                step.across.taps, step.across.weights_stride, cl_ulong{step.out_at}, step.out_width);
}

Status ClLadder::run(cl_command_queue queue, cl_mem, cl_mem arena, const SwapSidesStep& step) {
  return launch(queue, kernels_.swap_sides, {{step.in_width, step.in_height}}, "swap_sides", arena,
                cl_ulong{step.in_at}, step.in_width, step.in_height, cl_ulong{step.out_at});
}

Status ClLadder::run(cl_command_queue queue, cl_mem, cl_mem arena, const FillStep& step) {
  return launch(queue, kernels_.fill_fine, {{step.samples, 1}}, "fill_fine", arena, cl_ulong{step.at},
                cl_ulong{step.samples}, cl_uint{step.value});
}

}  // namespace tintype
