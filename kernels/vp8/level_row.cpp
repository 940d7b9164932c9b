#include "kernels/vp8/level_row.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tintype::vp8 {
namespace {

// Where a block is among those whose neighbours say its context: the bits of CodedBits.
struct Neighbours {
  int above_bit;
  int left_bit;
};

constexpr Neighbours neighbours_of(int block) {
  if (block == kVp8SecondOrderBlock) return {8, 8};
  if (block < kVp8FirstU) return {block & 3, block >> 2};
  const int first_bit = block < kVp8FirstV ? 4 : 6;
  return {first_bit + (block & 1), first_bit + (block >> 1 & 1)};
}

constexpr int kind_of(int block, bool has_second_order) {
  if (block == kVp8SecondOrderBlock) return kVp8SecondOrder;
  if (block >= kVp8FirstU) return kVp8Chroma;
  return has_second_order ? kVp8LumaWithoutDc : kVp8LumaWithDc;
}

// Calls visit(block, kind, context) for each block in the order of the stream; it answers whether the block is coded.
template <class Visit>
void for_each_block(bool has_second_order, CodedBits& above, CodedBits& left, Visit visit) {
  const auto next = [&](int block) {
    const Neighbours at = neighbours_of(block);
    const int context = (above >> at.above_bit & 1) + (left >> at.left_bit & 1);
    const unsigned coded = visit(block, kind_of(block, has_second_order), context) ? 1 : 0;
    above = static_cast<CodedBits>((above & ~(1u << at.above_bit)) | coded << at.above_bit);
    left = static_cast<CodedBits>((left & ~(1u << at.left_bit)) | coded << at.left_bit);
  };
  if (has_second_order) next(kVp8SecondOrderBlock);
  for (int block = 0; block < kVp8SecondOrderBlock; ++block) next(block);
}

void skip_macroblock(bool has_second_order, CodedBits& above, CodedBits& left) {
  // Without a second-order block, whether the last one had coefficients goes on to whoever is next.
  const CodedBits kept = has_second_order ? 0 : kSecondOrderBit;
  above &= kept;
  left &= kept;
}

// Behind the last of 16 levels that is not 0.
int end_of(const std::int16_t* levels) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t fours[4];
  std::memcpy(fours, levels, sizeof(fours));
  for (int i = 3; i >= 0; --i) {
    if (fours[i] != 0) return 4 * i + 4 - std::countl_zero(fours[i]) / 16;
  }
  return 0;
}

constexpr int first_place(int kind) { return kind == kVp8LumaWithoutDc ? 1 : 0; }

}  // namespace

void LevelRow::add(const Macroblock& macroblock, CodedBits above, CodedBits left, TokenList& scratch,
                   TokenCounts& counts) {
  if (macroblock.modes.is_empty) return;
  scratch.clear();
  scratch.reserve_macroblock();
  for_each_block(macroblock.modes.has_second_order(), above, left, [&](int block, int kind, int context) {
    const std::int16_t* levels = macroblock.levels[block];
    const int first = first_place(kind), end = end_of(levels);
    scratch.add_block(levels + first, first, end, kind, context);
    return end > first;
  });
  for (const Token token : scratch) ++counts.of[token];
  if (keeps_tokens_) {
    tokens_.insert(tokens_.end(), scratch.begin(), scratch.end());
  } else {
    keep_levels(macroblock);
  }
}

void LevelRow::keep_levels(const Macroblock& macroblock) {
  constexpr std::size_t kMostOfMacroblock = kVp8Blocks * 17 + 1;
  if (values_.size() < size_ + kMostOfMacroblock)
    values_.resize(values_.size() + values_.size() / 2 + 4 * kMostOfMacroblock);
  std::int16_t* value = values_.data() + size_;
  CodedBits none_above = 0, none_left = 0;
  for_each_block(macroblock.modes.has_second_order(), none_above, none_left, [&](int block, int kind, int) {
    const std::int16_t* levels = macroblock.levels[block];
    const int first = first_place(kind), end = end_of(levels);
    *value++ = static_cast<std::int16_t>(end);
    if (end > first) value = std::copy(levels + first, levels + end, value);
    return true;
  });
  size_ = static_cast<std::size_t>(value - values_.data());
}

void LevelRow::finish() {
  values_.resize(size_);
  values_.shrink_to_fit();
  tokens_.shrink_to_fit();
}

std::span<const Token> LevelRow::tokens(std::span<const MacroblockModes> modes, bool with_skips,
                                        std::span<CodedBits> above, TokenList& scratch) const {
  if (keeps_tokens_) return tokens_;
  const std::int16_t* value = values_.data();
  CodedBits left = 0;
  scratch.clear();
  for (std::size_t column = 0; column < modes.size(); ++column) {
    const MacroblockModes& of = modes[column];
    if (of.is_empty && with_skips) {
      skip_macroblock(of.has_second_order(), above[column], left);
      continue;
    }
    scratch.reserve_macroblock();
    for_each_block(of.has_second_order(), above[column], left, [&](int, int kind, int context) {
      const int first = first_place(kind), end = of.is_empty ? 0 : *value++;
      scratch.add_block(value, first, end, kind, context);
      if (end > first) value += end - first;
      return end > first;
    });
  }
  return {scratch.begin(), scratch.end()};
}

}  // namespace tintype::vp8
