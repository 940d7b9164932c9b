// Numbers and byte strings one after another, in this machine's order: both ends are the same program. The reader
// is bounds-checked: past the end, or told a length that does not fit, it gives zeros and is no longer ok().
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/base/bytes.h"

namespace tintype {

class ByteWriter {
 public:
  template <typename T>
    requires std::integral<T> || std::floating_point<T> || std::is_enum_v<T>
  void put(T value) {
    buffer_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put_bytes(ByteView bytes) {
    put(static_cast<std::uint64_t>(bytes.size()));
    buffer_.append(as_text(bytes));
  }
  void put_text(std::string_view text) { put_bytes(as_bytes(text)); }

  ByteView written() const { return as_bytes(buffer_); }

 private:
  std::string buffer_;
};

class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : left_(bytes) {}

  template <typename T>
    requires std::integral<T> || std::floating_point<T>
  T take() {
    static_assert(!std::same_as<T, bool>, "a byte that is neither 0 nor 1 is no bool: use take_flag()");
    T value{};
    const ByteView bytes = take_view(sizeof value);
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  // An enumerator up to `last`; another is not ok().
  template <typename E>
    requires std::is_enum_v<E>
  E take(E last) {
    const auto value = take<std::underlying_type_t<E>>();
    if (value > static_cast<std::underlying_type_t<E>>(last)) ok_ = false;
    return ok_ ? static_cast<E>(value) : E{};
  }
  bool take_flag() {
    const auto value = take<std::uint8_t>();
    if (value > 1) ok_ = false;
    return value == 1;
  }
  // At most `limit` bytes.
  ByteView take_bytes(std::uint64_t limit) {
    const auto size = take<std::uint64_t>();
    if (size > limit) ok_ = false;
    return take_view(ok_ ? size : 0);
  }
  std::string take_text(std::uint64_t limit) { return std::string(as_text(take_bytes(limit))); }

  void reject() { ok_ = false; }
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && left_.empty(); }

 private:
  ByteView take_view(std::uint64_t size) {
    if (!ok_ || size > left_.size()) {
      ok_ = false;
      return {};
    }
    const ByteView taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }

  ByteView left_;
  bool ok_ = true;
};

}  // namespace tintype
