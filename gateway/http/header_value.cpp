#include "gateway/http/header_value.h"

#include <algorithm>

namespace tintype::http {
namespace {

constexpr std::string_view kBlanks = " \t";

void skip_blanks(std::string_view& rest) { rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size())); }

bool is_token_character(char c) { return c > 0x20 && c < 0x7f && !std::string_view("()<>@,;:\\\"/[]?={}").contains(c); }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

std::string_view take_token(std::string_view& rest) {
  const auto end = std::ranges::find_if_not(rest, is_token_character);
  const auto size = static_cast<std::size_t>(end - rest.begin());
  const std::string_view token = rest.substr(0, size);
  rest.remove_prefix(size);
  return token;
}

// `rest` stands behind the opening quote.
std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string out;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return out;
    }
    const bool escapes = rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\');
    out.push_back(escapes ? rest[++i] : rest[i]);
  }
  return {};
}

}  // namespace

const std::string* HeaderValue::find(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, [](const auto& pair) { return std::string_view(pair.first); });
  return found == parameters.end() ? nullptr : &found->second;
}

std::optional<HeaderValue> parse_header_value(std::string_view text) {
  const std::size_t end = std::min(text.find(';'), text.size());
  std::string_view rest = text.substr(end);
  std::string_view value = text.substr(0, end);
  skip_blanks(value);
  value = value.substr(0, value.find_last_not_of(kBlanks) + 1);
  if (value.empty()) return {};

  HeaderValue out{lower(value), {}};
  while (rest.starts_with(';')) {
    rest.remove_prefix(1);
    skip_blanks(rest);
    if (rest.empty()) break;
    const std::string_view name = take_token(rest);
    if (name.empty() || !rest.starts_with('=')) return {};
    rest.remove_prefix(1);
    if (rest.starts_with('"')) {
      rest.remove_prefix(1);
      auto quoted = take_quoted(rest);
      if (!quoted) return {};
      out.parameters.emplace_back(lower(name), std::move(*quoted));
    } else {
      const std::string_view token = take_token(rest);
      if (token.empty()) return {};
      out.parameters.emplace_back(lower(name), token);
    }
    skip_blanks(rest);
  }
  if (!rest.empty()) return {};
  return out;
}

}  // namespace tintype::http
