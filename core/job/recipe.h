// Recipe: which variants a photo gets. Written by people in TOML, carried inside jobs as JSON.
//
//   name = "web"
//   damaged = "refuse"               # or "keep": use what a truncated or corrupt photo still shows
//
//   [metadata]                       # orientation is always applied to the pixels
//   colour_profile = true
//   date = true
//   gps = false
//   camera = false
//
//   [[rung]]
//   long_side = 2048                 # px; 0 is the photo's own size; a photo is never enlarged
//   format = "webp"                  # "webp" or "avif"
//   quality = 75                     # 0..100, the format's own scale
//   effort = 4                       # left out: by the job's class (interactive, upload, bulk), see
//                                    # core/job/plan.h
//                                    # webp: 0..6 (0 and 1 fast, 2 to 5 default, 6 best; libwebp's: its method)
//                                    # avif: 0..10, libaom's speed is 10 - effort
//   encoder = "tintype"              # optional; webp: "tintype" (our own, unless said otherwise) or "libwebp"
//                                    # avif: "aom"
//
//   [[rung]]                         # a score instead of a quality: the file is decoded and measured
//   long_side = 1024
//   format = "best"                  # WebP or AVIF at that score: AVIF where it saves enough bytes to pay for itself
//   quality = "ssimulacra2:70"       # 10..95
//   score_below = 0.3                # optional: how much lower the score may be,
//   score_above = 1.5                # and how much higher
//   lowest_quality = 5               # optional bounds, on the format's own scale
//   highest_quality = 98
//   max_encodes = 6                  # optional: whole encodes that may be tried
//
// A score that cannot be met within its bounds costs the variant nothing but its mark: the nearest file is kept and
// says so. Unknown keys, rungs of the same name and values out of range are errors that name the key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/job/source_info.h"
#include "core/quality/quality_target.h"

namespace tintype {

// kTintype: our own, for WebP (kernels/vp8). What a format's is unless a recipe says otherwise: default_encoder().
enum class Encoder : std::uint8_t { kLibwebp, kAom, kTintype };
std::string_view encoder_name(Encoder encoder);  // "libwebp", "aom", "tintype"
Result<Encoder> parse_encoder(std::string_view name);
Encoder default_encoder(ImageFormat format);

// What to do with a photo whose data ends early or contradicts itself.
enum class DamagedPolicy : std::uint8_t { kRefuse, kKeep };

struct MetadataPolicy {
  bool colour_profile = true;
  bool date = true;
  bool gps = false;
  bool camera = false;  // make, model, lens, exposure

  bool operator==(const MetadataPolicy&) const = default;
};

inline constexpr int kEffortByClass = -1;

struct Rung {
  std::uint32_t long_side_px = 0;  // 0: the photo's own size
  ImageFormat format = ImageFormat::kWebp;
  int quality = 75;
  int effort = 4;  // or kEffortByClass
  Encoder encoder = Encoder::kTintype;
  std::optional<QualityTarget> target = std::nullopt;  // then `quality` counts for nothing
  bool is_best = false;  // "best": the smaller of both formats; `format` and `encoder` then count for nothing

  // "2048.webp", "full.avif", "1024.best": the variant's name in the API and on disk. Unique in a recipe.
  std::string name() const;
  std::string_view format_text() const;  // "webp", "avif", "best"
  std::string quality_text() const;      // "75", "ssimulacra2:70"
  bool operator==(const Rung&) const = default;
};

struct Recipe {
  std::string name;         // [a-z0-9-], 1..40 characters
  std::vector<Rung> rungs;  // 1..32
  MetadataPolicy metadata;
  DamagedPolicy damaged = DamagedPolicy::kRefuse;

  // 16 hex digits over what the recipe says (not its name): equal recipes make equal variants.
  std::string version() const;
  bool operator==(const Recipe&) const = default;
};

Result<Recipe> parse_recipe_toml(std::string_view text);
std::string to_toml(const Recipe& recipe);

// The recipes that are built in: "web" (2048, 1024, 512, 256 as WebP and AVIF), first; and "web-webp" (the
// same ladder, WebP alone).
const std::vector<Recipe>& builtin_recipes();

// A recipe by name: `folder`'s NAME.toml wins over a built-in one; a name with a '/' or ending in ".toml" is a
// path. kNotFound lists what there is. An empty folder name means built-ins only.
Result<Recipe> find_recipe(std::string_view name, const std::string& folder);

}  // namespace tintype
