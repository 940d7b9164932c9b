#include "gateway/http/accept.h"

#include <algorithm>
#include <charconv>

#include "gateway/http/message.h"

namespace tintype::http {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The part before `separator`, taken off `rest`.
std::string_view take_part(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = trimmed(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

// 1 where nothing is said, 0 for what is no weight.
double weight_in(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = take_part(parameters, ';');
    if (parameter.size() < 2 || !equal_ignoring_case(parameter.substr(0, 2), "q=")) continue;
    const std::string_view digits = parameter.substr(2);
    double weight = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), weight, std::chars_format::fixed);
    if (error != std::errc() || end != digits.data() + digits.size() || !(weight >= 0 && weight <= 1)) return 0;
    return weight;
  }
  return 1;
}

// How closely a range names a type: 0 not at all, 1 "*/*", 2 "image/*", 3 the type.
int closeness(std::string_view range, std::string_view type) {
  if (equal_ignoring_case(range, type)) return 3;
  const std::string_view family = type.substr(0, type.find('/') + 1);
  if (range.size() == family.size() + 1 && range.ends_with('*') &&
      equal_ignoring_case(range.substr(0, family.size()), family)) {
    return 2;
  }
  return range == "*/*" ? 1 : 0;
}

}  // namespace

Acceptance acceptance_of(std::string_view accept, std::string_view type) {
  if (trimmed(accept).empty()) return {1, false};
  int closest = 0;
  double weight = 0;
  while (!accept.empty()) {
    std::string_view range = take_part(accept, ',');
    const std::string_view name = take_part(range, ';');
    const int close = closeness(name, type);
    if (close == 0 || close < closest) continue;
    weight = close == closest ? std::max(weight, weight_in(range)) : weight_in(range);
    closest = close;
  }
  return {weight, closest == 3};
}

}  // namespace tintype::http
