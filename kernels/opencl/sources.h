// The OpenCL C of this folder, carried inside the program.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tintype {

// The programs that make a photo's pictures: "jpeg_planes", "resize", "vp8_macroblocks".
std::span<const std::string_view> opencl_lane_programs();

// The text of a program, with the headers of kernels/shared that it includes in their places. `name` must be one of
// those, or "ssimulacra2", which not every device can build.
std::string opencl_source(std::string_view name);

}  // namespace tintype
