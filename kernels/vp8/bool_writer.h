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
    const std::uint32_t split = 1 + (((range_ - 1) * prob) >> 8);
    low_ += bit ? split : 0;
    range_ = bit ? range_ - split : split;
    const int shift = std::countl_zero(range_) - 24;
    range_ <<= shift;
    low_ <<= shift;
    pending_ += shift;
    if (pending_ > kMostPending) emit();
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

  // Ends the code. Nothing may be put afterwards.
  ByteView finish() {
    emit();
    const int more = 16 - pending_;
    low_ <<= more;
    pending_ += more;
    emit();
    return {bytes_.data(), bytes_.size()};
  }

 private:
  static constexpr int kMostPending = 40;

  // low_ holds the 8 bits that the range is measured in, pending_ bits above them, and above those a carry.
  void emit() {
    const int count = pending_ >> 3;
    const int kept = 8 + (pending_ & 7);
    const std::uint64_t out = low_ >> kept;
    low_ &= (std::uint64_t{1} << kept) - 1;
    pending_ &= 7;
    if (out >> (8 * count)) {
      std::size_t at = bytes_.size();
      while (++bytes_[--at] == 0) {
      }
    }
    for (int i = count - 1; i >= 0; --i) bytes_.push_back(static_cast<std::uint8_t>(out >> (8 * i)));
  }

  std::uint64_t low_ = 0;
  std::uint32_t range_ = 255;
  int pending_ = 0;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace tintype::vp8
