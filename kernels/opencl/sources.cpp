#include "kernels/opencl/sources.h"

#include <algorithm>
#include <set>

#include "kernels/opencl/embedded.h"

namespace tintype {
namespace {

constexpr std::string_view kLanePrograms[] = {"jpeg_planes", "resize", "vp8_macroblocks"};
constexpr std::string_view kInclude = "#include \"";

std::string_view text_of(std::string_view path) {
  return std::ranges::find(kOpenClFiles, path, &EmbeddedFile::path)->text;
}

// A header's text goes in once, where it is first asked for.
void append(std::string_view text, std::set<std::string_view>& seen, std::string& out) {
  while (!text.empty()) {
    const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, length);
    text.remove_prefix(length);
    if (line.starts_with(kInclude)) {
      const std::string_view path = line.substr(kInclude.size(), line.rfind('"') - kInclude.size());
      if (seen.insert(path).second) append(text_of(path), seen, out);
    } else if (!line.starts_with("#pragma once")) {
      out += line;
    }
  }
}

}  // namespace

std::span<const std::string_view> opencl_lane_programs() { return kLanePrograms; }

std::string opencl_source(std::string_view name) {
  std::set<std::string_view> seen;
  std::string out;
  append(text_of("kernels/opencl/" + std::string(name) + ".cl"), seen, out);
  return out;
}

}  // namespace tintype
