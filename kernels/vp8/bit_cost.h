// What a bool costs, in 1/256 bit, by integer arithmetic.
#pragma once

#include <array>
#include <cstdint>

namespace tintype::vp8 {

// log2(value) * 256, rounded down; value > 0. Digit by digit: squaring doubles a logarithm.
constexpr int log2_256(std::uint64_t value) {
  int whole = 0;
  while (value >> (whole + 1)) ++whole;
  std::uint64_t mantissa = whole >= 31 ? value >> (whole - 31) : value << (31 - whole);  // 1 to 2, times 2^31
  int fraction = 0;
  for (int i = 0; i < 8; ++i) {
    mantissa = mantissa * mantissa >> 31;
    fraction <<= 1;
    if (mantissa >> 32) {
      fraction |= 1;
      mantissa >>= 1;
    }
  }
  return whole * 256 + fraction;
}

namespace detail {
constexpr std::array<std::uint16_t, 257> bit_costs() {
  std::array<std::uint16_t, 257> costs{};
  costs[0] = 8 * 256;
  for (int prob = 1; prob <= 256; ++prob) {
    costs[static_cast<std::size_t>(prob)] =
        static_cast<std::uint16_t>(8 * 256 - (log2_256(static_cast<std::uint64_t>(prob) << 16) - 16 * 256));
  }
  return costs;
}
inline constexpr std::array<std::uint16_t, 257> kBitCosts = bit_costs();
}  // namespace detail

// Of a bool that is false with probability `prob` / 256.
constexpr int bit_cost(bool bit, int prob) {
  return detail::kBitCosts[static_cast<std::size_t>(bit ? 256 - prob : prob)];
}

}  // namespace tintype::vp8
