// Probabilities of coefficient tokens: counted, chosen for a frame, written into its header, turned into costs.
#pragma once

#include <cstdint>

#include "kernels/shared/vp8/code_block.h"
#include "kernels/vp8/bool_writer.h"

namespace tintype::vp8 {

// By kind of block, band, context and node of the token tree.
using TokenProbs = std::uint8_t[kVp8Kinds][8][3][11];

// How often each token (token_list.h) was seen.
struct TokenCounts {
  std::uint32_t of[4096] = {};
};

struct Probabilities {
  TokenProbs tokens;

  static Probabilities of_format();  // what every key frame starts with
  // The cheapest for a frame with these counts, what it costs to say so included.
  static Probabilities chosen_for(const TokenCounts& counts);
  // Half-way from one to the other, each rounded up.
  static Probabilities between(const Probabilities& one, const Probabilities& other);
  void write_updates(BoolWriter& header) const;
};

void fill_costs(const Probabilities& probabilities, Vp8Costs costs[kVp8Kinds]);

}  // namespace tintype::vp8
