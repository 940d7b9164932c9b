#include "core/quality/quality_target.h"

#include <charconv>
#include <format>

namespace tintype {
namespace {

constexpr std::string_view kMetric = "ssimulacra2";

}  // namespace

Status QualityTarget::validate() const {
  const auto refuse = [](const std::string& what) { return fail(ErrorCode::kInvalidArgument, what); };
  if (!(score >= 10 && score <= 95)) return refuse(std::format("a score to aim at is 10 to 95, not {}", score));
  const auto is_tolerance = [](double points) { return points >= 0 && points <= 100; };
  if (!is_tolerance(below) || !is_tolerance(above)) {
    return refuse(std::format("a score's tolerances are 0 to 100 points, not {} below and {} above", below, above));
  }
  if (below + above < 0.5) {
    return refuse(
        std::format("a score's tolerances ({} below, {} above) must leave 0.5 together: encoders have no finer steps",
                    below, above));
  }
  if (lowest_quality < 0 || highest_quality > 100 || lowest_quality > highest_quality) {
    return refuse(
        std::format("the bounds of quality must be 0 to 100 in order, not {} to {}", lowest_quality, highest_quality));
  }
  if (max_probes < 1 || max_probes > 12) return refuse(std::format("probes must be 1 to 12, not {}", max_probes));
  return {};
}

std::string QualityTarget::to_string() const { return std::format("{}:{}", kMetric, score); }

Result<QualityTarget> parse_quality_target(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.substr(0, colon) != kMetric) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("\"{}\" is no quality: write a number, or a score such as \"{}:70\"", text, kMetric));
  }
  const std::string_view number = text.substr(colon + 1);
  QualityTarget target;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), target.score);
  if (error != std::errc() || end != number.data() + number.size()) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("\"{}\": what follows the colon must be a score such as 70", text));
  }
  TT_TRY(target.validate());
  return target;
}

}  // namespace tintype
