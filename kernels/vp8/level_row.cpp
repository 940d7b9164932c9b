#include "kernels/vp8/level_row.h"

#include <bit>

#include "kernels/vp8/level_code.h"

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

class Counter {
 public:
  explicit Counter(TokenCounts& counts) : counts_(counts) {}
  void at(int kind, int band, int context) { place_ = counts_.of[kind][band][context]; }
  void node(int n, bool bit) { ++place_[n][bit]; }
  void fixed(bool, int) {}

 private:
  TokenCounts& counts_;
  std::uint32_t (*place_)[2] = nullptr;
};

class Writer {
 public:
  Writer(const Probabilities& probabilities, BoolWriter& out) : probabilities_(probabilities), out_(out) {}
  void at(int kind, int band, int context) { place_ = probabilities_.tokens[kind][band][context]; }
  void node(int n, bool bit) { out_.put(bit, place_[n]); }
  void fixed(bool bit, int prob) { out_.put(bit, static_cast<std::uint32_t>(prob)); }

 private:
  const Probabilities& probabilities_;
  BoolWriter& out_;
  const std::uint8_t* place_ = nullptr;
};

int end_of(const std::int16_t* levels) {
  int end = 16;
  while (end > 0 && levels[end - 1] == 0) --end;
  return end;
}

constexpr int first_place(int kind) { return kind == kVp8LumaWithoutDc ? 1 : 0; }

}  // namespace

void LevelRow::add(const Macroblock& macroblock, CodedBits above, CodedBits left, TokenCounts& counts) {
  if (macroblock.modes.is_empty) return;
  Counter counter(counts);
  for_each_block(macroblock.modes.has_second_order(), above, left, [&](int block, int kind, int context) {
    const std::int16_t* levels = macroblock.levels[block];
    const int first = first_place(kind), end = end_of(levels);
    values_.push_back(static_cast<std::int16_t>(end));
    if (end > first) values_.insert(values_.end(), levels + first, levels + end);
    visit_block(levels + first, first, end, kind, context, counter);
    return end > first;
  });
}

void LevelRow::write(std::span<const MacroblockModes> modes, bool with_skips, std::span<CodedBits> above,
                     const Probabilities& probabilities, BoolWriter& out) const {
  Writer writer(probabilities, out);
  const std::int16_t* value = values_.data();
  CodedBits left = 0;
  for (std::size_t column = 0; column < modes.size(); ++column) {
    const MacroblockModes& of = modes[column];
    if (of.is_empty && with_skips) {
      skip_macroblock(of.has_second_order(), above[column], left);
      continue;
    }
    for_each_block(of.has_second_order(), above[column], left, [&](int, int kind, int context) {
      const int first = first_place(kind), end = of.is_empty ? 0 : *value++;
      visit_block(value, first, end, kind, context, writer);
      if (end > first) value += end - first;
      return end > first;
    });
  }
}

}  // namespace tintype::vp8
