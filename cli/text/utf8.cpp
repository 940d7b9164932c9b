#include "cli/text/utf8.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tintype {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // bytes taken; 0: not UTF-8 here
};

// The shortest form only, no surrogates, at most U+10FFFF.
CodePoint decode_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(at);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return {};
  char32_t value = first & (0x7F >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(at + i) & 0x3F);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, length};
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 ||                         // line separators
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F;  // direction
}

struct Range {
  char32_t first, last;
};

bool in_any(const auto& ranges, char32_t c) {
  return std::ranges::any_of(ranges, [c](const Range& r) { return c >= r.first && c <= r.last; });
}

std::size_t width_of(char32_t c) {
  constexpr Range kZero[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F},
                             {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
  constexpr Range kWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},  {0x3041, 0x33FF}, {0x3400, 0x4DBF},
                             {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},  {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
                             {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},  {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F},
                             {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
  if (c < 0x300) return 1;
  return in_any(kZero, c) ? 0 : in_any(kWide, c) ? 2 : 1;
}

template <typename Replace>
std::string rewritten(std::string_view text, Replace replace) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode_at(text, at);
    const std::size_t length = std::max<std::size_t>(point.length, 1);
    out += point.length == 0 || replace(point.value) ? kReplacement : text.substr(at, length);
    at += length;
  }
  return out;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode_at(text, at);
    if (point.length == 0) return false;
    at += point.length;
  }
  return true;
}

std::string to_valid_utf8(std::string_view text) {
  return rewritten(text, [](char32_t) { return false; });
}

std::string printable(std::string_view text) { return rewritten(text, is_control); }

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode_at(text, at);
    width += point.length == 0 ? 1 : width_of(point.value);
    at += std::max<std::size_t>(point.length, 1);
  }
  return width;
}

std::string clipped(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  std::size_t end = 0;
  for (std::size_t used = 1; end < text.size();) {
    const CodePoint point = decode_at(text, end);
    used += point.length == 0 ? 1 : width_of(point.value);
    if (used > columns) break;
    end += std::max<std::size_t>(point.length, 1);
  }
  return columns == 0 ? "" : std::string(text.substr(0, end)) + "…";
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  // Code points with their widths; the head gets a third, the tail the rest.
  struct Piece {
    std::string_view bytes;
    std::size_t width;
  };
  std::vector<Piece> pieces;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode_at(text, at);
    const std::size_t length = std::max<std::size_t>(point.length, 1);
    pieces.push_back({text.substr(at, length), point.length == 0 ? 1 : width_of(point.value)});
    at += length;
  }
  std::string head, tail;
  std::size_t used = 1;
  const std::size_t head_columns = columns / 3;
  for (const Piece& piece : pieces) {
    if (used + piece.width > head_columns) break;
    head += piece.bytes;
    used += piece.width;
  }
  for (auto piece = pieces.rbegin(); piece != pieces.rend() && used + piece->width <= columns; ++piece) {
    tail.insert(0, piece->bytes);
    used += piece->width;
  }
  return head + "…" + tail;
}

}  // namespace tintype
