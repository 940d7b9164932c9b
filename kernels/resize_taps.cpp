#include "kernels/resize_taps.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tintype {
namespace {

constexpr double kLobes = 3;

// sinc(x) * sinc(x / 3), with one sine: that of three times an angle is s (3 - 4 s^2).
double lanczos(double x) {
  x = std::abs(x);
  if (x < 1e-9) return 1;
  if (x >= kLobes) return 0;
  const double third = std::numbers::pi * x / 3;
  const double s = std::sin(third) / third, square = s * third * (s * third);
  return s * s * (3 - 4 * square) / 3;
}

// Weights of consecutive input samples; they add up to 1.
struct Window {
  std::int64_t first = 0;
  std::vector<double> weights;
};

// The filter around `centre`, which is a place among the input's samples. What lies outside is left out.
Window window_at(double centre, double reduction, std::uint32_t in_samples) {
  const double reach = kLobes * reduction;
  const auto first = std::max<std::int64_t>(0, std::llround(std::floor(centre - reach)));
  const auto end = std::min<std::int64_t>(in_samples, std::llround(std::ceil(centre + reach)));
  Window window{first, {}};
  double sum = 0;
  for (std::int64_t i = first; i < end; ++i) {
    window.weights.push_back(lanczos((static_cast<double>(i) + 0.5 - centre) / reduction));
    sum += window.weights.back();
  }
  for (double& weight : window.weights) weight /= sum;
  return window;
}

Window mean_of(const Window& a, const Window& b) {
  Window mean{std::min(a.first, b.first), {}};
  const auto end = [](const Window& w) { return w.first + std::ssize(w.weights); };
  mean.weights.resize(static_cast<std::size_t>(std::max(end(a), end(b)) - mean.first));
  for (const Window* part : {&a, &b})
    for (std::size_t i = 0; i < part->weights.size(); ++i)
      mean.weights[static_cast<std::size_t>(part->first - mean.first) + i] += part->weights[i] / 2;
  return mean;
}

// What a mean of 2^halvings samples leaves of a wave of f periods a halved sample is 1 - (pi f)^2 (1 - 4^-halvings) / 6
// and higher powers, and [-a, 1 + 2a, -a] makes 1 + 4a (pi f)^2 of it: a is chosen so that the squares cancel.
Window sharpened(const Window& window, std::uint32_t halvings, std::uint32_t in_samples) {
  const double a = (1 - std::pow(0.25, halvings)) / 24;
  const std::int64_t first = std::max<std::int64_t>(0, window.first - 1);
  const std::int64_t last = std::min<std::int64_t>(in_samples - 1, window.first + std::ssize(window.weights));
  Window wide{first, std::vector<double>(static_cast<std::size_t>(last - first + 1))};
  // Beyond its ends the input goes on as it ends.
  const auto add = [&](std::int64_t at, double weight) {
    wide.weights[static_cast<std::size_t>(std::clamp(at, first, last) - first)] += weight;
  };
  for (std::size_t i = 0; i < window.weights.size(); ++i) {
    const std::int64_t at = window.first + static_cast<std::int64_t>(i);
    add(at - 1, -a * window.weights[i]);
    add(at, (1 + 2 * a) * window.weights[i]);
    add(at + 1, -a * window.weights[i]);
  }
  return wide;
}

Window window_of(const ResizeAxis& axis, std::uint32_t sample) {
  const double pitch = axis.in_extent / axis.out_pixels;
  const double reduction = std::max(1.0, pitch);
  const auto at_pixel = [&](std::uint32_t pixel) {
    const double centre = (pixel + 0.5) * pitch;
    const Window window = window_at(axis.mirrored ? axis.in_extent - centre : centre, reduction, axis.in_samples);
    return axis.halvings > 0 ? sharpened(window, axis.halvings, axis.in_samples) : window;
  };
  if (!axis.pairs) return at_pixel(sample);
  return mean_of(at_pixel(2 * sample), at_pixel(std::min(2 * sample + 1, axis.out_pixels - 1)));
}

// To integers that add up to kTapOne exactly: what rounding leaves over goes to the largest.
std::vector<std::int16_t> to_integers(const std::vector<double>& weights) {
  std::vector<std::int16_t> rounded;
  int rest = kTapOne;
  for (const double weight : weights) {
    rounded.push_back(static_cast<std::int16_t>(std::lround(weight * kTapOne)));
    rest -= rounded.back();
  }
  auto largest = std::ranges::max_element(rounded);
  *largest = static_cast<std::int16_t>(*largest + rest);
  return rounded;
}

struct IntegerWindow {
  std::uint32_t first = 0;
  std::vector<std::int16_t> weights;
};

IntegerWindow without_zero_ends(const Window& window) {
  const std::vector<std::int16_t> all = to_integers(window.weights);
  const auto is_used = [](std::int16_t weight) { return weight != 0; };
  const auto begin = std::ranges::find_if(all, is_used);
  auto end = all.end();
  while (!is_used(*(end - 1))) --end;
  return {static_cast<std::uint32_t>(window.first + (begin - all.begin())), {begin, end}};
}

// Chroma that already has the resolution wanted is taken as it is.
bool copies(const ResizeAxis& axis) {
  const double samples = axis.pairs ? axis.out_pixels / 2.0 : axis.out_pixels;
  return axis.in_samples == axis.out_samples() && std::abs(axis.in_extent - samples) < 1e-9;
}

IntegerWindow copy_of(const ResizeAxis& axis, std::uint32_t sample) {
  return {axis.mirrored ? axis.in_samples - 1 - sample : sample, {kTapOne}};
}

constexpr std::uint32_t rounded_up(std::uint32_t value, std::size_t group) {
  return static_cast<std::uint32_t>((value + group - 1) / group * group);
}

}  // namespace

ResizeTaps make_resize_taps(const ResizeAxis& axis) {
  ResizeTaps taps;
  taps.in_samples = axis.in_samples;
  taps.out_samples = axis.out_samples();
  // A mirrored odd side starts with half a chroma sample, so its samples do not fall on the input's.
  const bool is_copy = copies(axis) && !(axis.pairs && axis.mirrored && axis.out_pixels % 2 != 0);
  std::vector<IntegerWindow> windows;
  for (std::uint32_t i = 0; i < taps.out_samples; ++i) {
    windows.push_back(is_copy ? copy_of(axis, i) : without_zero_ends(window_of(axis, i)));
    taps.count = std::max(taps.count, static_cast<std::uint32_t>(windows.back().weights.size()));
  }
  taps.stride = rounded_up(taps.count, kTapGroup);
  const std::uint32_t padded = rounded_up(taps.out_samples, kOutputGroup);
  taps.first.resize(padded);
  taps.weights.resize(std::size_t{padded} * taps.stride);
  for (std::uint32_t i = 0; i < taps.out_samples; ++i) {
    const IntegerWindow& window = windows[i];
    taps.first[i] = std::min(window.first, axis.in_samples - taps.count);
    std::ranges::copy(window.weights, taps.weights.begin() + static_cast<std::ptrdiff_t>(std::size_t{i} * taps.stride +
                                                                                         window.first - taps.first[i]));
  }
  return taps;
}

}  // namespace tintype
