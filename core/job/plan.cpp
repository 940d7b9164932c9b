#include "core/job/plan.h"

#include <algorithm>
#include <format>
#include <numeric>

#include "core/job/recipe_rules.h"

namespace tintype {
namespace {

constexpr std::uint32_t kMaxWebpSidePx = 16383;
constexpr std::uint32_t kMaxAvifSidePx = 65535;

Status check_limits(const SourceInfo& source, const Limits& limits) {
  if (source.width == 0 || source.height == 0 || source.frames == 0) {
    return fail(ErrorCode::kCorruptImage, std::format("the header says {} x {} px and {} frames, which is no picture",
                                                      source.width, source.height, source.frames));
  }
  if (source.bytes > limits.max_bytes) {
    return fail(ErrorCode::kImageTooLarge,
                std::format("the file has {} bytes, over the limit of {}; save a smaller copy", source.bytes,
                            limits.max_bytes));
  }
  // 32 x 32 bits fit 64; the third factor may not.
  if (source.pixels() > limits.max_pixels) {
    return fail(ErrorCode::kImageTooLarge,
                std::format("{} x {} px are over the limit of {} pixels; save a smaller copy", source.width,
                            source.height, limits.max_pixels));
  }
  if (source.frames > limits.max_total_pixels / source.pixels()) {
    return fail(ErrorCode::kImageTooLarge,
                std::format("{} frames of {} x {} px are over the limit of {} pixels in all; save a smaller copy",
                            source.frames, source.width, source.height, limits.max_total_pixels));
  }
  return {};
}

// `side` scaled by numerator / denominator, to nearest, at least 1.
std::uint32_t scaled(std::uint32_t side, std::uint32_t numerator, std::uint32_t denominator) {
  const std::uint64_t product = std::uint64_t{side} * numerator;
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(1, (product + denominator / 2) / denominator));
}

PlannedEncode plan_rung(const Rung& rung, const SourceInfo& source, JobClass job_class,
                        std::vector<std::string>& notes) {
  const std::uint32_t own_long_px = std::max(source.width, source.height);
  std::uint32_t long_px = rung.long_side_px == 0 ? own_long_px : std::min(rung.long_side_px, own_long_px);
  const std::uint32_t cap_px = rung.format == ImageFormat::kWebp ? kMaxWebpSidePx : kMaxAvifSidePx;
  if (long_px > cap_px) {
    notes.push_back(std::format("{}: made {} px long, not {}, the most that {} can hold", rung.name(), cap_px, long_px,
                                format_name(rung.format)));
    long_px = cap_px;
  }

  PlannedEncode encode;
  encode.width = scaled(source.upright_width(), long_px, own_long_px);
  encode.height = scaled(source.upright_height(), long_px, own_long_px);
  encode.format = rung.format;
  encode.quality = rung.quality;
  encode.effort = rung.effort == kEffortByClass ? effort_of_class(rung.format, job_class) : rung.effort;
  encode.encoder = rung.encoder;
  if (rung.target) {
    encode.quality = 0;
    encode.target = rung.target;
    if (long_px == own_long_px) encode.max_bytes = source.bytes;
  }
  if (rung.is_best) {
    encode.rival = {ImageFormat::kAvif, effort_of_class(ImageFormat::kAvif, job_class),
                    default_encoder(ImageFormat::kAvif)};
  }
  return encode;
}

// Of one size.
int turn_of(const PlannedEncode& encode) { return encode.rival ? 2 : encode.format == ImageFormat::kWebp ? 0 : 1; }

bool goes_before(const PlannedEncode& a, const PlannedEncode& b) {
  const std::uint64_t area_a = std::uint64_t{a.width} * a.height;
  const std::uint64_t area_b = std::uint64_t{b.width} * b.height;
  if (area_a != area_b) return area_a > area_b;
  return turn_of(a) < turn_of(b);
}

}  // namespace

int effort_of_class(ImageFormat format, JobClass job_class) {
  const bool is_webp = format == ImageFormat::kWebp;
  switch (job_class) {
    case JobClass::kInteractive:
      return is_webp ? 2 : 1;
    case JobClass::kUpload:
      return is_webp ? 4 : 3;
    case JobClass::kBulk:
      break;
  }
  return is_webp ? 4 : 5;
}

Result<Plan> make_plan(const Recipe& recipe, const SourceInfo& source, const Limits& limits, JobClass job_class) {
  TT_TRY(check_limits(source, limits));
  Plan plan;
  plan.metadata = recipe.metadata;
  plan.damaged = recipe.damaged;

  std::vector<PlannedEncode> of_rung;
  for (const Rung& rung : recipe.rungs) of_rung.push_back(plan_rung(rung, source, job_class, plan.notes));

  for (const PlannedEncode& encode : of_rung) {
    if (!std::ranges::contains(plan.encodes, encode)) plan.encodes.push_back(encode);
  }
  std::ranges::stable_sort(plan.encodes, goes_before);

  for (std::size_t i = 0; i < of_rung.size(); ++i) {
    const auto found = std::ranges::find(plan.encodes, of_rung[i]);
    plan.variants.push_back({recipe.rungs[i].name(), static_cast<std::size_t>(found - plan.encodes.begin())});
  }
  return plan;
}

}  // namespace tintype
