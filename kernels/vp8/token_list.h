// Tokens: the bools of coefficient blocks in order (RFC 6386, section 13), each with the number of its probability.
// Made from levels without a branch for most of them, then counted or written in one go.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "kernels/shared/vp8/tables.h"
#include "kernels/vp8/probabilities.h"

namespace tintype::vp8 {

// Twice the number of a probability, plus the bool. Numbers: those of the frame's probabilities in their order, then
// 256 for the format's own, by their value.
using Token = std::uint16_t;
inline constexpr int kFrameProbs = kVp8Kinds * 8 * 3 * 11;
inline constexpr int kTokenProbs = kFrameProbs + 256;

// Number of the first of the 11 probabilities of a place.
constexpr int probs_of(int kind, int band, int context) { return ((kind * 8 + band) * 3 + context) * 11; }

class TokenList {
 public:
  void clear() { end_ = 0; }
  const Token* begin() const { return tokens_.data(); }
  const Token* end() const { return tokens_.data() + end_; }
  std::size_t size() const { return end_; }

  // Room for one more macroblock must be made before its blocks are added.
  void reserve_macroblock() {
    if (tokens_.size() < end_ + kMostOfMacroblock) tokens_.resize(2 * tokens_.size() + kMostOfMacroblock);
  }
  // A block of which the places from `first` up to `behind` are coded, the last of them not zero. `levels` begins at
  // `first`.
  void add_block(const std::int16_t* levels, int first, int behind, int kind, int context);

 private:
  // 25 blocks of 16 levels, each at most the 11 nodes, 11 further bits and the sign; and what is written past the end.
  static constexpr std::size_t kMostOfMacroblock = 25 * (16 * 23 + 1) + 8;

  Token* add_large(Token* out, int magnitude, int probs);

  std::vector<Token> tokens_;
  std::size_t end_ = 0;
};

namespace detail {

// The tokens of a small level, relative to its place's probabilities, but for the sign.
struct SmallLevel {
  std::uint64_t tokens[2] = {};
  int count = 0;

  constexpr void add(int node, bool bit) {
    tokens[count / 4] |= static_cast<std::uint64_t>(2 * node + bit) << (16 * (count % 4));
    ++count;
  }
};

inline constexpr int kMostSmall = 4;

// [whether "the block goes on" is coded][magnitude]
constexpr std::array<std::array<SmallLevel, kMostSmall + 1>, 2> small_levels() {
  std::array<std::array<SmallLevel, kMostSmall + 1>, 2> levels{};
  for (int asks = 0; asks < 2; ++asks) {
    for (int magnitude = 0; magnitude <= kMostSmall; ++magnitude) {
      SmallLevel& level = levels[static_cast<std::size_t>(asks)][static_cast<std::size_t>(magnitude)];
      if (asks) level.add(0, true);
      level.add(1, magnitude > 0);
      if (magnitude > 0) level.add(2, magnitude > 1);
      if (magnitude > 1) level.add(3, false);
      if (magnitude > 1) level.add(4, magnitude > 2);
      if (magnitude > 2) level.add(5, magnitude > 3);
    }
  }
  return levels;
}

inline constexpr auto kSmallLevels = small_levels();
inline constexpr std::uint64_t kEveryToken = 0x0001000100010001;

constexpr Token fixed_token(int prob, bool bit) { return static_cast<Token>(2 * (kFrameProbs + prob) + bit); }

}  // namespace detail

inline void TokenList::add_block(const std::int16_t* levels, int first, int behind, int kind, int context) {
  Token* out = tokens_.data() + end_;
  int probs = probs_of(kind, kVp8Bands[first], context);
  if (behind <= first) {
    *out = static_cast<Token>(2 * probs);
    ++end_;
    return;
  }
  std::size_t asks = 1;
  for (int place = first; place < behind; ++place) {
    const int level = *levels++;
    const int magnitude = level < 0 ? -level : level;
    if (magnitude <= detail::kMostSmall) {
      const detail::SmallLevel& small = detail::kSmallLevels[asks][static_cast<std::size_t>(magnitude)];
      const std::uint64_t base = static_cast<std::uint64_t>(2 * probs) * detail::kEveryToken;
      const std::uint64_t tokens[2] = {small.tokens[0] + base, small.tokens[1] + base};
      std::memcpy(out, tokens, sizeof(tokens));
      out += small.count;
    } else {
      if (asks) *out++ = static_cast<Token>(2 * probs + 1);
      out = add_large(out, magnitude, probs);
    }
    *out = detail::fixed_token(128, level < 0);
    out += magnitude > 0;
    asks = magnitude > 0;
    probs = probs_of(kind, kVp8Bands[(place + 1) & 15], magnitude < 2 ? magnitude : 2);
  }
  *out = static_cast<Token>(2 * probs);
  out += behind < 16;
  end_ = static_cast<std::size_t>(out - tokens_.data());
}

}  // namespace tintype::vp8
