// The house's include rules, checked by reading every #include below the layer folders:
//
//   cli > scheduler, gateway > workers > codec, storage_client, core/queue > core/job, kernels > core/quality >
//   core/base
//
// A file may include its own folder's headers and those of lower rows; never its own row's other folders, nor
// above. Third-party headers stay inside the one folder that wraps them, and some never show in a header.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tintype {

struct IncludeViolation {
  std::string file;  // relative to the root
  int line = 0;
  std::string include;
  std::string why;

  // "codec/probe.cpp:12: includes workers/lane.h: ..."
  std::string to_string() const;
};

struct IncludeReport {
  int files = 0;                             // that were read
  int includes = 0;                          // that were judged
  std::vector<IncludeViolation> violations;  // by file and line
};

// `root` holds the layer folders; those that are missing are passed over.
IncludeReport check_includes(const std::filesystem::path& root);

}  // namespace tintype
