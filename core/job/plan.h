// Plan: what exactly is made of one photo. Pure: recipe x header x limits -> encodes and variants.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/job/job.h"
#include "core/job/recipe.h"
#include "core/job/source_info.h"

namespace tintype {

struct Limits {
  std::uint64_t max_pixels = 268'000'000;          // of one frame
  std::uint64_t max_total_pixels = 2'000'000'000;  // frames x pixels
  std::uint64_t max_bytes = 512ull << 20;          // of the file
};

// One picture to encode. Several rungs of a small photo come to the same one.
struct PlannedEncode {
  std::uint32_t width = 0;  // upright
  std::uint32_t height = 0;
  ImageFormat format = ImageFormat::kWebp;
  int quality = 0;
  int effort = 0;
  Encoder encoder = Encoder::kTintype;
  std::optional<QualityTarget> target = std::nullopt;  // a score instead of `quality`
  // Of a rung "best": what the format above is raced against, at the same score.
  struct Rival {
    ImageFormat format = ImageFormat::kAvif;
    int effort = 0;
    Encoder encoder = Encoder::kAom;
    bool operator==(const Rival&) const = default;
  };
  std::optional<Rival> rival = std::nullopt;
  // Of a full-size encode to a score: the source's bytes, which it must not exceed. 0: any number.
  std::uint64_t max_bytes = 0;

  double megapixels() const { return double(width) * height / 1e6; }
  bool operator==(const PlannedEncode&) const = default;
};

struct PlannedVariant {
  std::string name;        // Rung::name()
  std::size_t encode = 0;  // index in Plan::encodes
};

struct Plan {
  // Largest first, so that each size can be made from the one before; of one size WebP, AVIF, then what is raced, so
  // that each search for a score starts from those before.
  std::vector<PlannedEncode> encodes;
  std::vector<PlannedVariant> variants;  // in the recipe's order
  MetadataPolicy metadata;
  DamagedPolicy damaged = DamagedPolicy::kRefuse;
  std::vector<std::string> notes;  // what was decided otherwise than the recipe says, and why
};

// What a rung that leaves its effort out gets: interactive jobs the fastest that is still smaller than WebP, uploads
// what pays within seconds, bulk jobs what pays for years.
int effort_of_class(ImageFormat format, JobClass job_class);

// kImageTooLarge past the limits. Sizes: the long side becomes min(rung, own), the short side is rounded to
// nearest and at least 1. A format's own limit (WebP 16383 px a side; AVIF 65535) caps the long side, noted.
Result<Plan> make_plan(const Recipe& recipe, const SourceInfo& source, const Limits& limits,
                       JobClass job_class = JobClass::kUpload);

}  // namespace tintype
