// BoolWriter: the arithmetic coder (RFC 6386, section 7).
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "core/base/bytes.h"

namespace tintype::vp8 {

class BoolWriter {
 public:
  // One bool that is false with probability `prob` / 256.
  void put(bool bit, std::uint32_t prob) {
    code_.put(bit, prob);
    if (code_.is_full()) emit();
  }
  // `count` bits of a number, highest first.
  void put_bits(std::uint32_t value, int count) {
    while (count-- > 0) put(value >> count & 1, 128);
  }
  // A flag, and if it is true the magnitude and the sign.
  void put_optional_signed(int value, int bits) {
    put(value != 0, 128);
    if (value == 0) return;
    put_bits(static_cast<std::uint32_t>(value < 0 ? -value : value), bits);
    put(value < 0, 128);
  }

  // The state of the code, for who puts many bools in one go; put back before anything else is put.
  // `low` holds the 8 bits that the range is measured in, `pending` bits above them, and above those a carry.
  struct Code {
    std::uint64_t low = 0;
    std::uint32_t range = 255;
    int pending = 0;

    bool is_full() const { return pending > kMostPending; }
    void put(bool bit, std::uint32_t prob) {
      const std::uint32_t split = 1 + (((range - 1) * prob) >> 8);
      // Without a branch: bools are hard to foretell.
      const std::uint32_t mask = 0u - static_cast<std::uint32_t>(bit);
      low += split & mask;
      range = split + ((range - 2 * split) & mask);
      const int shift = std::countl_zero(range) - 24;
      range <<= shift;
      low <<= shift;
      pending += shift;
    }
  };
  const Code& code() const { return code_; }
  // Writes what is pending of it.
  Code take(const Code& code) {
    code_ = code;
    emit();
    return code_;
  }

  // Ends the code. Nothing may be put afterwards.
  ByteView finish() {
    emit();
    const int more = 16 - code_.pending;
    code_.low <<= more;
    code_.pending += more;
    emit();
    bytes_.resize(size_);
    return {bytes_.data(), bytes_.size()};
  }

 private:
  static constexpr int kMostPending = 40;

  void emit() {
    const int count = code_.pending >> 3;
    const int kept = 8 + (code_.pending & 7);
    const std::uint64_t out = code_.low >> kept;
    code_.low &= (std::uint64_t{1} << kept) - 1;
    code_.pending &= 7;
    if (bytes_.size() < size_ + 8) bytes_.resize(2 * size_ + 64);
    if (out >> (8 * count)) {
      std::size_t at = size_;
      while (++bytes_[--at] == 0) {
      }
    }
    for (int i = count - 1; i >= 0; --i) bytes_[size_++] = static_cast<std::uint8_t>(out >> (8 * i));
  }

  Code code_;
  std::size_t size_ = 0;
  std::vector<std::uint8_t> bytes_;  // with room behind `size_`
};

}  // namespace tintype::vp8
