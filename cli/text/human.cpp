#include "cli/text/human.h"

#include <cmath>
#include <format>

namespace tintype {

std::string human_bytes(std::uint64_t bytes) {
  if (bytes < 1000) return std::format("{} B", bytes);
  static constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  // 999.5 would print as "1000": the next unit reads better.
  while (value >= 999.5 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return std::format("{:.{}f} {}", value, decimals, kUnits[unit]);
}

std::string human_count(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), ",");
  }
  return text;
}

std::string human_duration(double seconds) {
  if (!(seconds >= 1)) return "under 1 s";
  if (seconds >= 1e9) return "years";
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 60) return std::format("{} s", whole);
  if (whole < 3600) return std::format("{} min {:02} s", whole / 60, whole % 60);
  if (whole < 48 * 3600) return std::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
  return std::format("{} days", whole / 86400);
}

std::string human_percent(double part, double whole) {
  if (whole == 0) return "-";
  return std::format("{:.1f} %", 100 * part / whole);
}

std::string human_saving(std::uint64_t in, std::uint64_t out) {
  const double saved = static_cast<double>(in) - static_cast<double>(out);
  const std::string percent = human_percent(saved, static_cast<double>(in));
  if (out > in) return std::format("-{} ({})", human_bytes(out - in), percent);
  return std::format("{} ({})", human_bytes(in - out), percent);
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return std::format("{} {}", human_count(count), count == 1 ? one : many);
}

}  // namespace tintype
