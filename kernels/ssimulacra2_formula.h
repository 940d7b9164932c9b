// What SSIMULACRA 2 is made of, shared by every implementation: constants, which maps count, and the way from the maps'
// norms to the score. Source: Jon Sneyers' metric as libjxl 0.11 defines it (tools/ssimulacra2.cc, tools/gauss_blur.cc,
// lib/jxl/cms/opsin_params.h), which Debian ships as the program `ssimulacra2` of libjxl-devtools.
//
// Two pictures are taken to linear light, then to XYB (channels X, Y and B - Y, shifted to positive values), at the
// full size and at up to five halvings. Each channel of each scale has three error maps; of each map the mean and the
// fourth root of the mean fourth power count, weighted.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/base/result.h"
#include "kernels/shared/ssimulacra2.h"
#include "kernels/srgb_view.h"

namespace tintype::ssimulacra2 {

inline constexpr int kMaxScales = 6;
inline constexpr std::uint32_t kMinSidePx = 8;
inline constexpr int kChannels = 3;  // X, Y, B - Y

// Structural error; edges of the candidate where the original is smooth; edges of the original that the candidate lost.
enum Map { kStructure, kRinging, kBlurring, kMaps };

// An original with alpha is judged on a dark and on a bright background, and the lower score counts; a candidate with
// alpha over an original without is blended with middle grey. Blending is on coded values.
inline constexpr float kDarkBackground = 0.1f;
inline constexpr float kBrightBackground = 0.9f;
inline constexpr float kGreyBackground = 0.5f;

// XYB: mixed = kMix * (r, g, b) + kMixBias, of linear light; then cube roots, from which that of kMixBias is taken.
inline constexpr float kMix[3][3] = {
    {0.30f, 1.0f - 0.078f - 0.30f, 0.078f},
    {0.23f, 1.0f - 0.078f - 0.23f, 0.078f},
    {0.24342268924547819f, 0.20476744424496821f, 1.0f - 0.24342268924547819f - 0.20476744424496821f}};
inline constexpr float kMixBias = 0.0037930732552754493f;
// X * kXGain + kXOffset; Y + kYOffset; B - Y + kBOffset.
inline constexpr float kXGain = 14.0f;
inline constexpr float kXOffset = 0.42f;
inline constexpr float kYOffset = 0.01f;
inline constexpr float kBOffset = 0.55f;
// Keeps the structural term's quotient steady where both pictures are flat.
inline constexpr float kStructureFloor = 0.0009f;
// All of these, for kernels/shared/ssimulacra2.h.
Ss2Constants constants();

// The blur, across and then down: Charalampidis' recursive filter ("Recursive Implementation of the Gaussian Filter
// Using Truncated Cosine Functions", IEEE TSP 2016) for sigma 1.5. Three resonators, each of
//   y[n] = gain * (x[n - 6] + x[n + 4]) - turn * y[n - 1] - y[n - 2]
// that start at n = -4 with nothing behind them, are summed; what lies outside the picture is zero. In exact arithmetic
// it is a filter of nine taps; in float its rounding noise, which grows along rows and columns, moves scores by up to
// 0.4 where much of a picture is flat. The score is therefore defined by the recursion and by its order of operations.
inline constexpr int kBlurBehind = 6;
inline constexpr int kBlurAhead = 4;
inline constexpr int kResonators = 3;
using Blur = Ss2Blur;
Blur make_blur();
// Across, outputs are computed one at a time below this column and from blur_single_end() on, in fours
// between; a narrow row (answer 0) has no fours.
inline constexpr std::uint32_t kBlurSingleBegin = 8;
constexpr std::uint32_t blur_single_end(std::uint32_t width) {
  return width <= kBlurSingleBegin + 7 ? 0 : kBlurSingleBegin + (width - kBlurSingleBegin - 7 + 3) / 4 * 4;
}

// `value` in [0, 1]: the definition's rational approximation of IEC 61966-2-1.
float linear_from_srgb(float value);
// Blended samples, and opaque ones, in [0, 1].
float blend(std::uint8_t sample, std::uint8_t alpha, float background);

// A side of the next scale: pairs are averaged, a last odd one with itself.
constexpr std::uint32_t halved(std::uint32_t side) { return (side + 1) / 2; }
// How many scales a picture has: a scale is halved as long as both sides have 8 pixels.
int scale_count(std::uint32_t width, std::uint32_t height);

struct Norms {
  double mean = 0;
  double fourth = 0;  // fourth root of the mean fourth power
};
// Errors are added up in double: a column's from its top down, then the columns from left to right, which is an order
// that devices follow, too. Of `sum` errors and the `fourth` sum of their fourth powers, over so many pixels:
Norms norms_of(double sum, double fourth, std::size_t pixels);
using ScaleNorms = std::array<std::array<Norms, kMaps>, kChannels>;  // [channel][map]

// The weight of one norm among `scales` scales: a picture with fewer scales counts its weights off from the table's
// start without gaps, as the definition does.
double weight(int scales, int channel, int scale, bool fourth, Map map);
double score(std::span<const ScaleNorms> scales);

// kInvalidArgument unless both have one size with at least 8 pixels a side.
Status check_sizes(const SrgbView& original, const SrgbView& candidate);

}  // namespace tintype::ssimulacra2
