#include "workers/opencl/cl_vp8.h"

#include <algorithm>
#include <cstddef>

#include "workers/opencl/cl_launch.h"

namespace tintype {
namespace {

constexpr std::size_t kGroup = 32;  // of kernel vp8_diagonal

// The device reads these as bytes.
static_assert(sizeof(Vp8Quantiser) == 160 && sizeof(Vp8Costs) == 16 * 16 * 2 + 48);
static_assert(offsetof(Vp8DeviceTables, sub_mode_costs) % 4 == 0 && sizeof(Vp8DeviceFrame) == 112);
static_assert(sizeof(Vp8DeviceMacroblock) == 828);

}  // namespace

Result<ClVp8> ClVp8::create(const ClDevice& device) {
  TT_ASSIGN(ClKernel apart, device.make_kernel("vp8_macroblocks", "vp8_apart"));
  TT_ASSIGN(ClKernel diagonal, device.make_kernel("vp8_macroblocks", "vp8_diagonal"));
  return ClVp8(std::move(apart), std::move(diagonal));
}

Status ClVp8::enqueue_apart(cl_command_queue queue, cl_mem arena, const Vp8DeviceFrame& frame, std::uint64_t out_at) {
  return launch(queue, apart_, {{std::size_t{frame.columns} * frame.rows, 1}}, "vp8_apart", arena, cl_ulong{frame.y_at},
                frame.width, frame.height, frame.columns, frame.rows, cl_ulong{out_at});
}

Status ClVp8::enqueue(cl_command_queue queue, std::span<const cl_mem> arenas, cl_mem device_frames,
                      std::span<const Vp8DeviceFrame> frames) {
  const auto arena = [&](std::size_t i) { return arenas[std::min(i, arenas.size() - 1)]; };
  static_assert(kVp8Arenas == 8);
  std::uint32_t rows = 0, diagonals = 0;
  for (const Vp8DeviceFrame& frame : frames) {
    rows = std::max(rows, frame.rows);
    diagonals = std::max(diagonals, frame.columns + 2 * (frame.rows - 1));
  }
  for (std::uint32_t diagonal = 0; diagonal < diagonals; ++diagonal) {
    TT_TRY(launch(queue, diagonal_, {{rows * kGroup, frames.size()}, {kGroup, 1}}, "vp8_diagonal", device_frames,
                  cl_uint{diagonal}, ClLocalBytes{kVp8WorkBytes}, arena(0), arena(1), arena(2), arena(3), arena(4),
                  arena(5), arena(6), arena(7)));
  }
  return {};
}

}  // namespace tintype
