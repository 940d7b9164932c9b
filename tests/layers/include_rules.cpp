#include "tests/layers/include_rules.h"

#include <algorithm>
#include <format>
#include <fstream>
#include <optional>
#include <regex>
#include <string_view>
#include <tuple>

namespace tintype {
namespace {

struct Layer {
  std::string_view folder;
  int row;  // 0 is the lowest
};

constexpr Layer kLayers[] = {
    {"core/base", 0},  {"core/quality", 1}, {"core/job", 2},  {"kernels", 2}, {"codec", 3}, {"storage_client", 3},
    {"core/queue", 3}, {"workers", 4},      {"scheduler", 5}, {"gateway", 5}, {"cli", 6},
};

// A third-party header (or a folder of them, with '/') and a place that may include it. libcurl has two: the client of
// a farm, and the farm as a client.
struct Home {
  std::string_view header;
  std::string_view folder;
};

constexpr Home kHomes[] = {
    {"nats.h", "core/queue/nats"},
    {"nats/", "core/queue/nats"},
    {"rocksdb/", "storage_client/embedded"},
    {"rados/", "storage_client/rados"},
    {"CL/", "workers/opencl"},
    {"xrt.h", "workers/fpga"},
    {"xrt/", "workers/fpga"},
    {"experimental/xrt", "workers/fpga"},
    {"seccomp.h", "workers/sandbox"},
    {"boost/", "gateway"},
    {"opencv2/", "codec"},
    {"webp/", "codec"},
    {"avif/", "codec"},
    {"jpeglib.h", "codec"},
    {"jerror.h", "codec"},
    {"turbojpeg.h", "codec"},
    {"png.h", "codec"},
    {"gif_lib.h", "codec"},
    {"lcms2.h", "codec"},
    {"libexif/", "codec"},
    {"curl/", "cli"},
    {"curl/", "gateway/fetch"},
    {"hwy/", "kernels/simd"},
};

constexpr std::string_view kOnlyInSources[] = {"nlohmann/", "toml++/"};
constexpr std::string_view kSourceExtensions[] = {".h", ".hpp", ".inl", ".cpp", ".cc", ".c"};

bool is_in(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/';
}

const Layer* layer_of(std::string_view path) {
  const auto found = std::ranges::find_if(kLayers, [&](const Layer& layer) { return is_in(path, layer.folder); });
  return found == std::end(kLayers) ? nullptr : &*found;
}

// "nats.h" names one header, "nats/" all below it, "experimental/xrt" all that begin so.
bool matches(std::string_view include, std::string_view header) {
  return header.ends_with(".h") ? include == header : include.starts_with(header);
}

bool is_header(std::string_view file) {
  return file.ends_with(".h") || file.ends_with(".hpp") || file.ends_with(".inl");
}

// Headers that exist to share a third-party reader between .cpp files: recipe_json.h, json_fields.h.
bool is_private_json_header(std::string_view file) {
  const std::string_view name = file.substr(file.rfind('/') + 1);
  return name.starts_with("json_") || name.ends_with("_json.h");
}

std::optional<std::string> judge_third_party(std::string_view file, std::string_view include) {
  std::string homes;
  for (const Home& home : kHomes) {
    if (!matches(include, home.header)) continue;
    if (is_in(file, home.folder)) {
      homes.clear();
      break;
    }
    homes += std::format("{}{}/", homes.empty() ? "" : " and ", home.folder);
  }
  if (!homes.empty()) return std::format("{} belongs to {} alone", include, homes);
  for (std::string_view header : kOnlyInSources) {
    if (matches(include, header) && is_header(file) && !is_private_json_header(file)) {
      return std::format("{} stays in .cpp files and headers named json_* or *_json", include);
    }
  }
  return std::nullopt;
}

std::optional<std::string> judge_layers(const Layer& from, std::string_view include, bool is_quoted) {
  const Layer* to = layer_of(include);
  if (!to) {
    if (!is_quoted) return std::nullopt;
    return "is in no layer; quoted includes are paths from the root into a layer's folder";
  }
  if (to->folder == from.folder || to->row < from.row) return std::nullopt;
  if (to->row == from.row) return std::format("{} and {} are on one row", from.folder, to->folder);
  return std::format("{} is above {}", to->folder, from.folder);
}

bool is_known_third_party(std::string_view include) {
  return std::ranges::any_of(kHomes, [&](const Home& home) { return matches(include, home.header); });
}

void check_file(const std::filesystem::path& path, const std::string& file, IncludeReport& report) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  const Layer& layer = *layer_of(file);
  std::ifstream in(path);
  std::string text;
  for (int line = 1; std::getline(in, text); ++line) {
    std::smatch match;
    if (!std::regex_search(text, match, kInclude)) continue;
    const std::string include = match[2];
    const bool is_quoted = match[1] == "\"" && !is_known_third_party(include);
    ++report.includes;
    for (const auto& why : {judge_third_party(file, include), judge_layers(layer, include, is_quoted)}) {
      if (why) report.violations.push_back({file, line, include, *why});
    }
  }
  ++report.files;
}

bool is_source(const std::filesystem::path& path) {
  return std::ranges::contains(kSourceExtensions, path.extension().string());
}

}  // namespace

std::string IncludeViolation::to_string() const {
  return std::format("{}:{}: includes {}: {}", file, line, include, why);
}

IncludeReport check_includes(const std::filesystem::path& root) {
  IncludeReport report;
  for (const Layer& layer : kLayers) {
    const std::filesystem::path folder = root / layer.folder;
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      check_file(entry.path(), std::filesystem::relative(entry.path(), root).string(), report);
    }
  }
  std::ranges::sort(report.violations, {}, [](const IncludeViolation& v) { return std::tie(v.file, v.line, v.why); });
  return report;
}

}  // namespace tintype
