#include "gateway/http/message.h"

#include <algorithm>

namespace tintype::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

const std::string* Request::find_header(std::string_view name) const {
  for (const Header& header : headers) {
    if (equal_ignoring_case(header.name, name)) return &header.value;
  }
  return nullptr;
}

std::string_view Request::header(std::string_view name) const {
  const std::string* value = find_header(name);
  return value ? std::string_view(*value) : std::string_view();
}

std::size_t Request::count_headers(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(headers, [&](const Header& h) { return equal_ignoring_case(h.name, name); }));
}

}  // namespace tintype::http
