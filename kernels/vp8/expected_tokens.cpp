#include "kernels/vp8/expected_tokens.h"

#include <algorithm>
#include <array>
#include <vector>

#include "kernels/vp8/level_code.h"
#include "kernels/vp8/token_list.h"

namespace tintype::vp8 {
namespace {

// Seven of eight macroblocks of a picture like noise have at least this spread, in 1/16 of a step...
constexpr int kRough = 16;
// ... and at least 3/4 of the median one's: photographs of much texture have smoother parts beside it.
constexpr bool is_even(int low, int median) { return 4 * low >= 3 * median; }

constexpr std::uint64_t kOne = std::uint64_t{1} << 31;
constexpr std::uint64_t times(std::uint64_t a, std::uint64_t b) { return a * b >> 31; }

// How often each magnitude comes, in 1/2^31.
std::vector<std::uint64_t> magnitudes(int spread_16) {
  constexpr std::size_t kMost = 2048;
  // exp(-1 / (2 spread^2)), as (1 - x / 64)^64.
  std::uint64_t falloff = kOne - 2 * kOne / (static_cast<std::uint64_t>(spread_16) * static_cast<unsigned>(spread_16));
  for (int i = 0; i < 6; ++i) falloff = times(falloff, falloff);
  // exp(-n^2 / (2 spread^2)) is falloff^(n^2): from n to n + 1 it falls by falloff^(2n + 1). 0 has no second sign.
  std::vector<std::uint64_t> often{kOne / 2};
  std::uint64_t sum = often[0], weight = falloff, ratio = falloff;
  while (weight > 0 && often.size() < kMost) {
    often.push_back(weight);
    sum += weight;
    ratio = times(ratio, times(falloff, falloff));
    weight = times(weight, ratio);
  }
  for (std::uint64_t& of : often) of = of * kOne / sum;
  return often;
}

// Counts as of so many blocks that saying the probabilities costs next to nothing.
constexpr int kBlockBits = 14;
constexpr std::uint32_t count_of(std::uint64_t often) { return static_cast<std::uint32_t>(often >> (31 - kBlockBits)); }

struct MagnitudeCount {
  void node(int n, bool bit) { counts[2 * n + bit] += count; }
  void fixed(bool, int) {}

  std::uint32_t* counts;
  std::uint32_t count;
};

// One place of a block. `ends`: how often nothing but zeros follows.
void count_place(const std::vector<std::uint64_t>& often, std::uint64_t ends, bool asks_for_end,
                 std::uint32_t* counts) {
  if (asks_for_end) {
    counts[0] += count_of(ends);
    counts[1] += count_of(kOne - ends);
  }
  counts[2] += count_of(often[0]);
  for (std::size_t level = 1; level < often.size(); ++level) {
    MagnitudeCount count{counts, count_of(often[level])};
    visit_magnitude(static_cast<int>(level), count);
  }
}

// The activity that `eighths` of 8 macroblocks have at most.
int quantile(std::span<const std::uint8_t> activity, std::size_t eighths) {
  std::array<std::size_t, 256> histogram{};
  for (const std::uint8_t a : activity) ++histogram[a];
  std::size_t seen = 0;
  int at = 0;
  for (; at < 255; ++at) {
    seen += histogram[static_cast<std::size_t>(at)];
    if (8 * seen > eighths * activity.size()) break;
  }
  return at;
}

}  // namespace

int spread_of(int activity) {
  std::uint32_t apart = 0;  // the most that 256 pixels are from their means with this activity
  for (std::uint32_t bit = 1 << 15; bit != 0; bit >>= 1) {
    if (activity_from(apart | bit) <= activity) apart |= bit;
  }
  // Normally spread values are on average 4/5 of their standard deviation from the mean.
  return static_cast<int>(apart * 16 / 256 * 5 / 4);
}

Probabilities normal_probabilities(int spread_16) {
  const std::vector<std::uint64_t> often = magnitudes(spread_16);
  std::uint64_t ends[16];
  ends[15] = often[0];
  for (int place = 14; place >= 0; --place) ends[place] = times(ends[place + 1], often[0]);
  TokenCounts counts;
  for (int kind = 0; kind < kVp8Kinds; ++kind) {
    const int first = kind == kVp8LumaWithoutDc ? 1 : 0;
    for (int place = first; place < 16; ++place) {
      for (int context = 0; context < 3; ++context) {
        const bool asks_for_end = place == first || context > 0;
        count_place(often, ends[place], asks_for_end, counts.of + 2 * probs_of(kind, kVp8Bands[place], context));
      }
    }
  }
  return Probabilities::chosen_for(counts);
}

Probabilities expected_probabilities(const Segments& segments, std::span<const std::uint8_t> activity) {
  if (activity.empty()) return Probabilities::of_format();
  // Coefficients are twice those of an orthonormal transform.
  const int half_step = std::max(kVp8AcSteps[segments.quantiser[segments.count / 2]] / 2, 1);
  const auto in_steps = [&](std::size_t eighths) { return spread_of(quantile(activity, eighths)) / half_step; };
  const int low = in_steps(1), median = in_steps(4);
  return low >= kRough && is_even(low, median) ? normal_probabilities(median) : Probabilities::of_format();
}

}  // namespace tintype::vp8
