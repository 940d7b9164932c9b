#include "gateway/http/target.h"

#include <algorithm>
#include <format>

namespace tintype::http {
namespace {

// More than any route knows, and few enough to compare each with all others: this runs on the socket thread.
constexpr std::size_t kMaxParameters = 64;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return fail(ErrorCode::kInvalidArgument,
                    "the URL has a '%' that two hex digits do not follow; write %25 for '%'");
      }
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_blank) {
      c = ' ';
    }
    if (c == '\0') return fail(ErrorCode::kInvalidArgument, "the URL holds a zero byte");
    out.push_back(c);
  }
  return out;
}

bool is_plain_segment(std::string_view segment) {
  if (segment == "." || segment == "..") return false;
  return std::ranges::none_of(
      segment, [](char c) { return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Result<void> parse_path(std::string_view path, Target& out) {
  if (!path.starts_with('/')) {
    return fail(ErrorCode::kInvalidArgument, "the request's target must be a path that starts with '/'");
  }
  path.remove_prefix(1);
  for (;;) {
    const std::size_t end = std::min(path.find('/'), path.size());
    TT_ASSIGN(std::string segment, decode(path.substr(0, end), false));
    if (!is_plain_segment(segment)) {
      return fail(ErrorCode::kInvalidArgument,
                  "the URL's path has a segment that climbs, splits or holds control bytes");
    }
    out.segments.push_back(std::move(segment));
    if (end == path.size()) return {};
    path.remove_prefix(end + 1);
  }
}

Result<void> parse_query(std::string_view query, Target& out) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    TT_ASSIGN(std::string name, decode(pair.substr(0, equals), true));
    TT_ASSIGN(std::string value, decode(pair.substr(std::min(equals + 1, pair.size())), true));
    if (out.find(name)) {
      return fail(ErrorCode::kInvalidArgument, std::format("the parameter '{}' is given twice; give it once", name));
    }
    if (out.query.size() == kMaxParameters)
      return fail(ErrorCode::kInvalidArgument, std::format("the URL has more than {} parameters", kMaxParameters));
    out.query.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

}  // namespace

const std::string* Target::find(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return &value;
  }
  return nullptr;
}

Result<Target> parse_target(std::string_view text) {
  if (text.contains('#')) return fail(ErrorCode::kInvalidArgument, "the request's target holds a '#'; write %23");
  const std::size_t mark = std::min(text.find('?'), text.size());
  Target target;
  TT_TRY(parse_path(text.substr(0, mark), target));
  TT_TRY(parse_query(text.substr(std::min(mark + 1, text.size())), target));
  return target;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int more = lead < 0x80                   ? 0
                     : lead >= 0xC2 && lead < 0xE0 ? 1
                     : (lead & 0xF0) == 0xE0       ? 2
                     : lead >= 0xF0 && lead < 0xF5 ? 3
                                                   : -1;
    if (more < 0 || i + static_cast<std::size_t>(more) >= text.size()) return false;
    for (int k = 1; k <= more; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]);
      // Second bytes that would spell something too long, a surrogate, or past U+10FFFF.
      const unsigned char low = k == 1 && lead == 0xE0 ? 0xA0 : k == 1 && lead == 0xF0 ? 0x90 : 0x80;
      const unsigned char high = k == 1 && lead == 0xED ? 0x9F : k == 1 && lead == 0xF4 ? 0x8F : 0xBF;
      if (byte < low || byte > high) return false;
    }
    i += static_cast<std::size_t>(more) + 1;
  }
  return true;
}

}  // namespace tintype::http
