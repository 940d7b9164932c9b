#include "kernels/vp8/quality.h"

#include <algorithm>

namespace tintype::vp8 {
namespace {

// Largest r with r^3 <= value, below 2^15.
std::uint64_t cube_root(std::uint64_t value) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = 1 << 14; bit != 0; bit >>= 1) {
    const std::uint64_t next = root | bit;
    if (next * next * next <= value) root = next;
  }
  return root;
}

// Bits are exchanged for distortion as at kExchange = 2048 / sqrt(k), where k times the square of the luma step is the
// distortion (of coefficients) that a bit is worth.
constexpr int kExchange = 6500;
// Errors of the lowest frequencies, which are those of whole blocks, in percent.
constexpr int kMeanWeight = 150;
constexpr int kMostScaled = 46340;  // whose square still fits vp8_code_block's 15 bits behind the shift

struct Steps {
  int dc;
  int ac;
};

Steps steps_of(int kind, int index) {
  const auto at = [index](int which) { return std::clamp(index + kIndexDeltas[which], 0, kMostQuantiser); };
  switch (kind) {
    case kVp8SecondOrder:
      return {2 * kVp8DcSteps[at(1)], std::max(8, kVp8AcSteps[at(2)] * 155 / 100)};
    case kVp8Chroma:
      return {kVp8DcSteps[std::min(at(3), 117)], kVp8AcSteps[at(4)]};
    default:
      return {kVp8DcSteps[at(0)], kVp8AcSteps[index]};
  }
}

// Errors of high frequencies are seen less: in percent.
int weight_of_frequency(int kind, int place) {
  if (kind == kVp8SecondOrder || (place == 0 && kind != kVp8Chroma)) return kMeanWeight;
  const int across = kVp8Scan[place] % 4, down = kVp8Scan[place] / 4;
  return 120 - 10 * (across + down);
}

// Where magnitudes are rounded up, in 1/256 of a step, without and with a second candidate.
int rounding_of(int kind, int place, int candidates) {
  if (candidates > 1) return 128;
  if (kind == kVp8Chroma) return place == 0 ? 110 : 115;
  return place == 0 ? 96 : 110;
}

}  // namespace

int quantiser_of(int quality) {
  // c = part / 300, in 1/2^42 below the root.
  const std::uint64_t part = static_cast<std::uint64_t>(quality < 75 ? 2 * quality : 6 * quality - 300);
  const std::uint64_t root = cube_root((part << 42) / 300);  // of 2^14
  return static_cast<int>((127 * ((1u << 14) - root)) >> 14);
}

void fill_quantisers(int index, int chroma_weight, int candidates, Vp8Quantiser quantisers[kVp8Kinds]) {
  for (int kind = 0; kind < kVp8Kinds; ++kind) {
    const Steps steps = steps_of(kind, index);
    const int rate = kind == kVp8Chroma ? kExchange * chroma_weight / 100 : kExchange;
    // A second-order block's coefficients are twice as large for the same error.
    const int base_weight = rate / (kVp8AcSteps[index] * (kind == kVp8SecondOrder ? 2 : 1));
    for (int place = 0; place < 16; ++place) {
      const int step = place == 0 ? steps.dc : steps.ac;
      const int weight = base_weight * weight_of_frequency(kind, place) / 100;
      Vp8Quantiser& of = quantisers[kind];
      of.step[place] = static_cast<std::uint16_t>(step);
      of.reciprocal[place] = static_cast<std::uint16_t>((65536 + step - 1) / step);
      of.bias[place] = static_cast<std::uint16_t>(step * rounding_of(kind, place, candidates) >> 8);
      of.weight[place] = static_cast<std::uint16_t>(weight);
      of.limit[place] = static_cast<std::uint16_t>(kMostScaled / weight);
    }
  }
}

int filter_level(int index, int strength) {
  const int level = kVp8AcSteps[index] * strength / 410;
  return level < 2 ? 0 : std::min(level, 63);
}

}  // namespace tintype::vp8
