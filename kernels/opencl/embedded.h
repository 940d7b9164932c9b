// One file of kernels/opencl or kernels/shared, as text: made by kernels/opencl/embed.cmake at build time.
#pragma once

#include <span>
#include <string_view>

namespace tintype {

struct EmbeddedFile {
  std::string_view path;  // from the repository's root
  std::string_view text;
};

extern const std::span<const EmbeddedFile> kOpenClFiles;

}  // namespace tintype
