// Cursor: reads numbers and runs of bytes off a ByteView and never past its end.
//
// The first read past the end makes the cursor fail for good: it moves to the end and every read gives zero
// or nothing, so a parser may read a whole record and ask failed() once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.h"

namespace tintype {

class Cursor {
 public:
  explicit Cursor(ByteView bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }
  bool at_end() const { return remaining() == 0; }
  // What is left, without moving.
  ByteView rest() const { return bytes_.subspan(position_); }

  // The next `count` bytes; empty and failed when there are fewer.
  ByteView take(std::uint64_t count) {
    if (count > remaining()) {
      failed_ = true;
      position_ = bytes_.size();
      return {};
    }
    const ByteView run = bytes_.subspan(position_, static_cast<std::size_t>(count));
    position_ += run.size();
    return run;
  }
  void skip(std::uint64_t count) { take(count); }

  std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }
  std::uint16_t u16be() { return static_cast<std::uint16_t>(big_endian(2)); }
  std::uint32_t u32be() { return static_cast<std::uint32_t>(big_endian(4)); }
  std::uint64_t u64be() { return big_endian(8); }
  std::uint16_t u16le() { return static_cast<std::uint16_t>(little_endian(2)); }
  std::uint32_t u24le() { return static_cast<std::uint32_t>(little_endian(3)); }
  std::uint32_t u32le() { return static_cast<std::uint32_t>(little_endian(4)); }
  // `count` bytes, 0 to 8, most significant first.
  std::uint64_t big_endian(unsigned count) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(count)) value = value << 8 | byte;
    return value;
  }

 private:
  std::uint64_t little_endian(unsigned count) {
    const ByteView run = take(count);
    std::uint64_t value = 0;
    for (std::size_t i = run.size(); i-- > 0;) value = value << 8 | run[i];
    return value;
  }

  ByteView bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

// A four-letter code as the big-endian number it is in a file.
constexpr std::uint32_t four_letters(const char (&text)[5]) {
  std::uint32_t code = 0;
  for (int i = 0; i < 4; ++i) code = code << 8 | static_cast<std::uint8_t>(text[i]);
  return code;
}

// Whether `bytes` begin with these characters (the literal's final NUL not counted).
template <std::size_t N>
bool starts_with(ByteView bytes, const char (&prefix)[N]) {
  return as_text(bytes).starts_with(std::string_view(prefix, N - 1));
}

}  // namespace tintype
