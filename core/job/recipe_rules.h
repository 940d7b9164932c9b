// What a recipe may say, for its readers (TOML and JSON): the ranges of its numbers and the rules across
// fields. Private to core/job.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/job/recipe.h"

namespace tintype {

struct IntRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

inline constexpr IntRange kLongSideRange{0, 65535};
inline constexpr IntRange kQualityRange{0, 100};
inline constexpr IntRange kMaxEncodesRange{1, 12};
// The keys of a rung that mean something only beside a score.
inline constexpr std::string_view kTargetKeys[] = {"score_below", "score_above", "lowest_quality", "highest_quality",
                                                   "max_encodes"};
inline constexpr std::size_t kMaxRungs = 32;
IntRange effort_range(ImageFormat format);

// "webp", "avif" or "best": what a rung can be.
struct RungFormat {
  ImageFormat format = ImageFormat::kWebp;
  bool is_best = false;
};
Result<RungFormat> parse_rung_format(std::string_view name);

std::string_view damaged_policy_name(DamagedPolicy policy);  // "refuse", "keep"
Result<DamagedPolicy> parse_damaged_policy(std::string_view name);

// Where a recipe breaks a rule.
struct RecipeFault {
  std::string_view key;             // "name", "rung", or a key of the rung
  std::optional<std::size_t> rung;  // index; none: the key is the recipe's own
  std::string message;              // "must be ..."
};

// The first rule broken, or none. Covers every rule there is, ranges included.
std::optional<RecipeFault> find_fault(const Recipe& recipe);

}  // namespace tintype
