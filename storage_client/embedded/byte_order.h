// Numbers and texts as bytes, big-endian, so that keys sort as the numbers do.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace tintype::embedded {

template <std::unsigned_integral T>
void append(std::string& out, T value) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

// A text of up to 2^32 - 1 bytes, its length first.
inline void append_text(std::string& out, std::string_view text) {
  append(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

// Takes bytes apart again. Past the end every read gives zero or "" and ok() turns false: ask it once, at the end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  template <std::unsigned_integral T>
  T number() {
    T value = 0;
    for (char c : take(sizeof(T))) value = static_cast<T>(value << 8 | static_cast<unsigned char>(c));
    return value;
  }
  std::string_view text() { return take(number<std::uint32_t>()); }
  std::string_view take(std::size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::string_view rest() const { return rest_; }
  bool ok() const { return ok_; }
  bool ok_and_done() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace tintype::embedded
