#include "kernels/vp8/probabilities.h"

#include <algorithm>
#include <cstring>

#include "kernels/vp8/bit_cost.h"
#include "kernels/vp8/level_code.h"
#include "kernels/vp8/token_list.h"

namespace tintype::vp8 {
namespace {

template <class Visit>
void for_each_node(Visit visit) {
  for (int kind = 0; kind < kVp8Kinds; ++kind) {
    for (int band = 0; band < 8; ++band) {
      for (int context = 0; context < 3; ++context) {
        for (int node = 0; node < 11; ++node) visit(kind, band, context, node);
      }
    }
  }
}

std::int64_t cost_of(const std::uint32_t counts[2], int prob) {
  return std::int64_t{counts[0]} * bit_cost(false, prob) + std::int64_t{counts[1]} * bit_cost(true, prob);
}

std::uint8_t sixteenths(int cost_256) { return static_cast<std::uint8_t>(std::min((cost_256 + 8) >> 4, 255)); }

struct Price {
  void node(int n, bool bit) { cost += bit_cost(bit, probs[n]); }
  void fixed(bool bit, int prob) { cost += bit_cost(bit, prob); }

  const std::uint8_t* probs;
  int cost = 0;
};

// Of a level from 1 on and its sign, after the question whether the block goes on, in 1/256 bit.
int level_cost(const std::uint8_t* probs, int level) {
  Price price{probs};
  visit_magnitude(level, price);
  return price.cost + bit_cost(false, 128);
}

// Of the cheapest level from 4 to 15: 4, or the first of a category, whose further bits are cheapest.
int least_large_cost(const std::uint8_t* probs) {
  int least = level_cost(probs, 4);
  for (int category = 0; category < 3; ++category) {
    least = std::min(least, level_cost(probs, kVp8CategoryBase[category]));
  }
  return least;
}

void fill_place(const TokenProbs& tokens, int kind, int place, int first, Vp8Costs& costs) {
  const auto& band = tokens[kind][kVp8Bands[place]];
  for (int context = 0; context < 3; ++context) {
    const std::uint8_t* probs = band[context];
    const int goes_on = place == first || context > 0 ? bit_cost(true, probs[0]) : 0;
    std::uint8_t* out = costs.token[place] + 5 * context;
    out[0] = sixteenths(goes_on + bit_cost(false, probs[1]));
    for (int level = 1; level <= 4; ++level) out[level] = sixteenths(goes_on + level_cost(probs, level));
    // 4 stands for all from 4 on, whose further cost is not negative.
    out[4] = sixteenths(goes_on + least_large_cost(probs));
  }
  costs.token[place][15] = 0;
  std::ranges::fill(costs.end[place], std::uint8_t{0});
  if (place == 15) return;
  const auto& next = tokens[kind][kVp8Bands[place + 1]];
  for (int context = 1; context < 3; ++context)
    costs.end[place][context] = sixteenths(bit_cost(false, next[context][0]));
}

void fill_large(const std::uint8_t* probs, Vp8Costs& costs) {
  const int least = least_large_cost(probs);
  const int fifteen = level_cost(probs, 15);
  for (int i = 0; i < 16; ++i) {
    costs.large_low[i] = i < 4 ? 0 : sixteenths(level_cost(probs, i) - least);
    costs.large_high[i] = i < 1 ? 0 : sixteenths(std::max(0, level_cost(probs, 16 * i + 8) - fifteen));
  }
}

}  // namespace

Probabilities Probabilities::of_format() {
  Probabilities probabilities;
  std::memcpy(probabilities.tokens, kVp8DefaultProbs, sizeof(probabilities.tokens));
  return probabilities;
}

Probabilities Probabilities::chosen_for(const TokenCounts& counts) {
  Probabilities chosen = of_format();
  for_each_node([&](int kind, int band, int context, int node) {
    const std::uint32_t* seen = counts.of + 2 * (probs_of(kind, band, context) + node);
    const std::uint64_t all = std::uint64_t{seen[0]} + seen[1];
    if (all == 0) return;
    std::uint8_t& prob = chosen.tokens[kind][band][context][node];
    const int fitting =
        static_cast<int>(std::clamp<std::uint64_t>((std::uint64_t{seen[0]} * 256 + all / 2) / all, 1, 255));
    const int update = kVp8UpdateProbs[kind][band][context][node];
    const std::int64_t kept = cost_of(seen, prob) + bit_cost(false, update);
    const std::int64_t updated = cost_of(seen, fitting) + bit_cost(true, update) + 8 * 256;
    if (updated < kept) prob = static_cast<std::uint8_t>(fitting);
  });
  return chosen;
}

Probabilities Probabilities::between(const Probabilities& one, const Probabilities& other) {
  Probabilities out = one;
  for_each_node([&](int kind, int band, int context, int node) {
    std::uint8_t& prob = out.tokens[kind][band][context][node];
    prob = static_cast<std::uint8_t>((prob + other.tokens[kind][band][context][node] + 1) / 2);
  });
  return out;
}

void Probabilities::write_updates(BoolWriter& header) const {
  for_each_node([&](int kind, int band, int context, int node) {
    const std::uint8_t prob = tokens[kind][band][context][node];
    const bool differs = prob != kVp8DefaultProbs[kind][band][context][node];
    header.put(differs, kVp8UpdateProbs[kind][band][context][node]);
    if (differs) header.put_bits(prob, 8);
  });
}

void fill_costs(const Probabilities& probabilities, Vp8Costs costs[kVp8Kinds]) {
  for (int kind = 0; kind < kVp8Kinds; ++kind) {
    const int first = kind == kVp8LumaWithoutDc ? 1 : 0;
    costs[kind] = Vp8Costs{};
    for (int place = first; place < 16; ++place) fill_place(probabilities.tokens, kind, place, first, costs[kind]);
    for (int context = 0; context < 3; ++context) {
      costs[kind].empty[context] =
          sixteenths(bit_cost(false, probabilities.tokens[kind][kVp8Bands[first]][context][0]));
    }
    fill_large(probabilities.tokens[kind][1][2], costs[kind]);
  }
}

}  // namespace tintype::vp8
