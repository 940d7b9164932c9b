// The OpenCL C of this folder, carried inside the program.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tintype {

// The names that opencl_source() knows: "jpeg_planes", "resize", ...
std::span<const std::string_view> opencl_programs();

// The text of a program, with the headers of kernels/shared that it includes in their places. `name` must be one of those.
std::string opencl_source(std::string_view name);

}  // namespace tintype
