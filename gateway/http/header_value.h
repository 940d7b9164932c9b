// Header values with parameters: Content-Type, Content-Disposition. Pure; takes hostile text (fuzzed).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tintype::http {

struct HeaderValue {
  std::string value;                                            // before the first ';', in lower case
  std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case, values unquoted

  // The first of that name, or null.
  const std::string* find(std::string_view name) const;
};

// None if it does not parse. In a quoted string a backslash escapes '"' and '\' only: browsers that name a
// file by its Windows path mean the backslashes they send.
std::optional<HeaderValue> parse_header_value(std::string_view text);

}  // namespace tintype::http
