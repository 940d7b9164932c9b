#include "kernels/vp8/segments.h"

#include <algorithm>
#include <array>

#include "kernels/vp8/bit_cost.h"
#include "kernels/vp8/quality.h"

namespace tintype::vp8 {
namespace {

constexpr int kActivities = 256;
using Histogram = std::array<std::uint32_t, kActivities>;

// Centres of up to `most` groups of the histogram, ascending (k-means in one dimension), and the group of each
// activity.
struct Groups {
  std::vector<int> centres;
  std::array<std::uint8_t, kActivities> of{};
};

Groups group(const Histogram& histogram, int most) {
  int low = 0, high = kActivities - 1;
  while (low < high && histogram[static_cast<std::size_t>(low)] == 0) ++low;
  while (high > low && histogram[static_cast<std::size_t>(high)] == 0) --high;
  Groups groups;
  for (int k = 0; k < most; ++k) groups.centres.push_back(low + (high - low) * (2 * k + 1) / (2 * most));
  for (int round = 0; round < 8; ++round) {
    std::vector<std::uint64_t> sum(groups.centres.size()), weight(groups.centres.size());
    std::size_t nearest = 0;
    for (int a = 0; a < kActivities; ++a) {
      while (nearest + 1 < groups.centres.size() &&
             std::abs(groups.centres[nearest + 1] - a) < std::abs(groups.centres[nearest] - a)) {
        ++nearest;
      }
      groups.of[static_cast<std::size_t>(a)] = static_cast<std::uint8_t>(nearest);
      sum[nearest] += std::uint64_t{histogram[static_cast<std::size_t>(a)]} * static_cast<unsigned>(a);
      weight[nearest] += histogram[static_cast<std::size_t>(a)];
    }
    for (std::size_t k = 0; k < groups.centres.size(); ++k) {
      if (weight[k] > 0) groups.centres[k] = static_cast<int>((sum[k] + weight[k] / 2) / weight[k]);
    }
  }
  return groups;
}

// Less activity than this, 0.7 grey levels a pixel, is no texture: it hides nothing, and telling its degrees apart
// would cost more than it saves.
constexpr std::uint8_t kSmooth = 120;

// What is usual where nothing is known of the texture.
constexpr int kChromaWeight = 150;
// Chroma is given less where the luma beside it is smooth.
int chroma_weight_at(int activity) { return std::min(kChromaWeight + (activity - 160) * 5 / 4, 200); }

// Edges of blocks show where it is smooth; texture hides them, and the filter would blur it. In percent.
int filter_strength_at(int activity) { return std::max(100 + (152 - activity) * 15 / 8, 0); }

int prob_of(std::uint64_t zeros, std::uint64_t ones) {
  const std::uint64_t all = zeros + ones;
  return all == 0 ? 255 : static_cast<int>(std::clamp<std::uint64_t>((zeros * 256 + all / 2) / all, 1, 255));
}

// By how many indices the quantiser gets coarser where there is twice the texture, at quality 75.
constexpr int kMasking = 6;
// By how many it is finer than libwebp's in a macroblock of mean activity, for the same score at the same quality.
constexpr int kFiner = 3;

// Of macroblocks whose activity is so far from the mean one.
int quantiser_at(int quality, int from_mean) {
  const int libwebps = quantiser_of(quality);
  const int base = libwebps - std::min(kFiner, libwebps / 4);
  // Nothing is to be gained at the ends of the scale.
  const int room = std::min(base, kMostQuantiser - base);
  return std::clamp(base + from_mean * kMasking * room / (26 * 16), 0, kMostQuantiser);
}

// Of each group of macroblocks, smoothest first. On the way to the next quality some of the steps to it are made
// already, one a group, the smoothest first: there it shows the most.
std::vector<int> quantisers_of(const Settings& settings, const std::vector<int>& from_mean) {
  std::vector<int> quantisers, next;
  int steps = 0;
  for (const int activity : from_mean) {
    quantisers.push_back(quantiser_at(settings.quality, activity));
    next.push_back(quantiser_at(std::min(settings.quality + 1, 100), activity));
    steps += std::max(0, quantisers.back() - next.back());
  }
  steps = steps * settings.quarters / 4;
  while (steps > 0) {
    for (std::size_t k = 0; k < quantisers.size() && steps > 0; ++k) {
      if (quantisers[k] <= next[k]) continue;
      --quantisers[k];
      --steps;
    }
  }
  return quantisers;
}

void choose_tree_probs(Segments& segments) {
  std::uint64_t counts[4] = {};
  for (const std::uint8_t segment : segments.of_macroblock) ++counts[segment];
  segments.tree_probs[0] = static_cast<std::uint8_t>(prob_of(counts[0] + counts[1], counts[2] + counts[3]));
  segments.tree_probs[1] = static_cast<std::uint8_t>(prob_of(counts[0], counts[1]));
  segments.tree_probs[2] = static_cast<std::uint8_t>(prob_of(counts[2], counts[3]));
}

template <class Put>
void visit_number(const std::uint8_t probs[3], int segment, Put put) {
  put(segment >= 2, probs[0]);
  put((segment & 1) != 0, probs[segment >= 2 ? 2 : 1]);
}

}  // namespace

std::int64_t Segments::map_cost() const {
  if (count == 1) return 0;
  std::int64_t cost = 0;
  for (const std::uint8_t segment : of_macroblock) {
    visit_number(tree_probs, segment, [&](bool bit, int prob) { cost += bit_cost(bit, prob); });
  }
  return cost;
}

void Segments::write_number(int segment, BoolWriter& out) const {
  visit_number(tree_probs, segment, [&](bool bit, std::uint32_t prob) { out.put(bit, prob); });
}

std::uint8_t activity_of(const std::uint8_t* luma) {
  std::uint32_t apart = 0;
  for (int block = 0; block < 16; ++block) {
    const std::uint8_t* from = luma + 64 * (block / 4) + 4 * (block % 4);
    int sum = 8;
    for (int i = 0; i < 16; ++i) sum += from[16 * (i / 4) + i % 4];
    const int mean = sum >> 4;
    for (int i = 0; i < 16; ++i) apart += static_cast<std::uint32_t>(std::abs(from[16 * (i / 4) + i % 4] - mean));
  }
  return activity_from(apart);
}

std::uint8_t activity_from(std::uint32_t apart) {
  return static_cast<std::uint8_t>(std::min(log2_256(1 + apart) >> 4, 255));
}

Segments single_segment(const Picture& picture, const Settings& settings) {
  Segments segments;
  segments.of_macroblock.assign(std::size_t{picture.macroblock_columns()} * picture.macroblock_rows(), 0);
  segments.quantiser[0] = quantiser_of(settings.quality);
  segments.filter_level[0] = filter_level(segments.quantiser[0], settings.filter_strength);
  segments.chroma_weight[0] = kChromaWeight;
  return segments;
}

Segments segments_by_activity(const Settings& settings, const std::vector<std::uint8_t>& activity) {
  Histogram histogram{};
  std::uint64_t sum = 0;
  for (const std::uint8_t a : activity) {
    const std::uint8_t texture = std::max(a, kSmooth);
    ++histogram[texture];
    sum += texture;
  }
  const int mean = static_cast<int>(sum / activity.size());
  const Groups groups = group(histogram, settings.segments);

  std::vector<int> from_mean;
  for (const int centre : groups.centres) from_mean.push_back(centre - mean);
  const std::vector<int> quantisers = quantisers_of(settings, from_mean);

  Segments segments;
  // Groups that come to the same quantiser are one.
  std::vector<std::uint8_t> number(groups.centres.size());
  segments.count = 0;
  for (std::size_t k = 0; k < groups.centres.size(); ++k) {
    if (segments.count == 0 || segments.quantiser[segments.count - 1] != quantisers[k]) ++segments.count;
    const int at = segments.count - 1, centre = groups.centres[k];
    segments.quantiser[at] = quantisers[k];
    segments.filter_level[at] =
        filter_level(quantisers[k], settings.filter_strength * filter_strength_at(centre) / 100);
    segments.chroma_weight[at] = chroma_weight_at(centre);
    number[k] = static_cast<std::uint8_t>(at);
  }
  segments.of_macroblock.resize(activity.size());
  std::ranges::transform(activity, segments.of_macroblock.begin(),
                         [&](std::uint8_t a) { return number[groups.of[std::max(a, kSmooth)]]; });
  choose_tree_probs(segments);
  return segments;
}

}  // namespace tintype::vp8
