// Manifest: what a photo has. Committing it, by compare-and-set, is the one visible step of a job.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/job/recipe.h"
#include "core/job/source_info.h"
#include "core/quality/contract_result.h"

namespace tintype {

struct Variant {
  std::string name;      // "2048.webp"
  std::string blob_key;  // two variants of one photo may share a blob; two photos never
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint64_t bytes = 0;
  ImageFormat format = ImageFormat::kWebp;
  std::string sha256;   // hex
  std::string encoder;  // with its build: "libwebp 1.5.0", "aom 3.12.1 (libavif 1.2.1)"
  int quality = 0;
  int effort = 0;
  int threads = 1;  // AVIF bytes depend on it
  double encode_seconds = 0;
  std::optional<ContractResult> contract = std::nullopt;  // where the recipe asked for a score

  bool operator==(const Variant&) const = default;
};

struct Manifest {
  std::uint64_t revision = 0;  // 0: never committed. Each commit stores revision + 1
  std::string recipe_name;
  std::string recipe_version;  // complete when this and the variants' names match the recipe
  SourceInfo source;
  std::vector<Variant> variants;
  std::vector<std::string> warnings;
  JobId job;  // that made it
  UnixMs committed_at_ms = 0;

  const Variant* find(std::string_view name) const;
  bool is_complete_for(const Recipe& recipe) const;
};

std::string to_json(const Manifest& manifest);
Result<Manifest> parse_manifest(std::string_view json);

}  // namespace tintype
