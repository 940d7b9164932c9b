#include "gateway/http/conditions.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "gateway/http/message.h"

namespace tintype::http {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Digits alone. More than 64 bits hold is as good as the largest: past every end.
std::optional<std::uint64_t> parse_position(std::string_view digits) {
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) return {};
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range) return std::numeric_limits<std::uint64_t>::max();
  return value;
}

}  // namespace

RangeAnswer parse_range(std::string_view header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  header = trimmed(header);
  if (header.size() < kUnit.size() || !equal_ignoring_case(header.substr(0, kUnit.size()), kUnit)) return {};
  const std::string_view range = trimmed(header.substr(kUnit.size()));
  const std::size_t dash = range.find('-');
  if (dash == range.npos || range.contains(',')) return {};
  const std::string_view first_text = range.substr(0, dash);
  const std::string_view last_text = range.substr(dash + 1);
  const auto last = parse_position(last_text);

  if (first_text.empty()) {
    if (!last) return {};
    if (*last == 0 || size == 0) return {RangeKind::kUnsatisfiable, 0, 0};
    const std::uint64_t length = std::min(*last, size);
    return {RangeKind::kPart, size - length, length};
  }
  const auto first = parse_position(first_text);
  if (!first || (!last && !last_text.empty()) || (last && *last < *first)) return {};
  if (*first >= size) return {RangeKind::kUnsatisfiable, 0, 0};
  const std::uint64_t end = last ? std::min(*last, size - 1) : size - 1;
  return {RangeKind::kPart, *first, end - *first + 1};
}

bool matches_any_etag(std::string_view if_none_match, std::string_view etag) {
  std::string_view rest = trimmed(if_none_match);
  if (rest == "*") return true;
  while (!rest.empty()) {
    if (rest.starts_with("W/")) rest.remove_prefix(2);
    if (!rest.starts_with('"')) return false;
    const std::size_t close = rest.find('"', 1);
    if (close == rest.npos) return false;
    if (rest.substr(0, close + 1) == etag) return true;
    rest = trimmed(rest.substr(close + 1));
    if (!rest.starts_with(',')) return false;
    rest = trimmed(rest.substr(1));
  }
  return false;
}

bool if_range_holds(std::string_view if_range, std::string_view etag) { return trimmed(if_range) == etag; }

}  // namespace tintype::http
