#include "kernels/reference/ssimulacra2.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "kernels/ssimulacra2_formula.h"

namespace tintype::reference {
namespace {

using namespace ssimulacra2;

struct Plane {
  std::uint32_t width, height;
  std::vector<float> samples;

  Plane(std::uint32_t w, std::uint32_t h) : width(w), height(h), samples(std::size_t{w} * h) {}
  float& at(std::uint32_t x, std::uint32_t y) { return samples[std::size_t{y} * width + x]; }
  float at(std::uint32_t x, std::uint32_t y) const { return samples[std::size_t{y} * width + x]; }
};
using Planes = std::array<Plane, 3>;

Planes linear_light(const SrgbView& picture, float background) {
  const Plane empty(picture.width, picture.height);
  Planes planes{empty, empty, empty};
  const std::uint8_t* channels[] = {picture.red, picture.green, picture.blue};
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    for (std::uint32_t x = 0; x < picture.width; ++x) {
      const std::size_t offset = y * picture.stride_bytes + x * picture.step_bytes;
      const std::uint8_t alpha = picture.alpha ? picture.alpha[offset] : 255;
      for (int c = 0; c < 3; ++c) planes[c].at(x, y) = linear_from_srgb(blend(channels[c][offset], alpha, background));
    }
  }
  return planes;
}

Plane halve(const Plane& in) {
  Plane out(halved(in.width), halved(in.height));
  for (std::uint32_t y = 0; y < out.height; ++y) {
    for (std::uint32_t x = 0; x < out.width; ++x) {
      const std::uint32_t right = std::min(2 * x + 1, in.width - 1), below = std::min(2 * y + 1, in.height - 1);
      out.at(x, y) =
          0.25f * (in.at(2 * x, 2 * y) + in.at(right, 2 * y) + in.at(2 * x, below) + in.at(right, below));
    }
  }
  return out;
}

// x^(1/3) + addend, by Newton's iteration for x^(-1/3).
float cube_root_and_add(float x, float addend) {
  constexpr float kThird = 1.0f / 3, kFourThirds = 4.0f / 3;
  const std::int32_t exponent = std::bit_cast<std::int32_t>(x) >> 23;
  float root = std::bit_cast<float>(0x54800000 - exponent * 0x002AAAAA);  // about -1/3 of the exponent
  for (int i = 0; i < 3; ++i) {
    const float square = root * root;
    root = std::fma(-(kThird * x), square * square, kFourThirds * root);
  }
  const float square = root * root;
  root = std::fma(kThird, std::fma(-x, square * square, root), root);
  return std::fma(root * root, x, addend);
}

Planes positive_xyb(const Planes& linear) {
  const float offset = -std::cbrt(kMixBias);
  Planes xyb = linear;
  for (std::size_t i = 0; i < linear[0].samples.size(); ++i) {
    const float r = linear[0].samples[i], g = linear[1].samples[i], b = linear[2].samples[i];
    float root[3];
    for (int k = 0; k < 3; ++k) {
      const float mixed = std::fma(kMix[k][0], r, std::fma(kMix[k][1], g, std::fma(kMix[k][2], b, kMixBias)));
      root[k] = cube_root_and_add(mixed, offset);
    }
    const float x = 0.5f * (root[0] - root[1]), y = 0.5f * (root[0] + root[1]);
    xyb[0].samples[i] = x * kXGain + kXOffset;
    xyb[1].samples[i] = y + kYOffset;
    xyb[2].samples[i] = (root[2] - y) + kBOffset;
  }
  return xyb;
}

// What one resonator remembers.
struct Resonator {
  float last = 0;
  float second = 0;
  void push(float y) {
    second = last;
    last = y;
  }
};

void blur_across(const Blur& blur, const float* in, float* out, std::uint32_t width) {
  const auto sample = [&](std::int64_t i) { return i >= 0 && i < width ? in[i] : 0.0f; };
  const auto sum_at = [&](std::int64_t n) { return sample(n - kBlurBehind) + sample(n + kBlurAhead); };
  Resonator resonators[kResonators];
  const auto single = [&](std::int64_t n) {
    const float sum = sum_at(n);
    float y[kResonators];
    for (int i = 0; i < kResonators; ++i) {
      Resonator& r = resonators[i];
      y[i] = std::fma(blur.from_last[i][0], r.last,
                      std::fma(blur.from_second[i][0], r.second, sum * blur.from_input[i][0]));
      r.push(y[i]);
    }
    if (n >= 0) out[n] = y[0] + (y[1] + y[2]);
  };
  const std::int64_t fours_end = blur_single_end(width);
  std::int64_t n = -kBlurAhead;
  for (; n < std::min<std::int64_t>(kBlurSingleBegin, width); ++n) single(n);
  for (; n < fours_end; n += 4) {
    float y[kResonators][4];
    for (int i = 0; i < kResonators; ++i) {
      Resonator& r = resonators[i];
      for (int k = 0; k < 4; ++k) {
        float sum = sum_at(n) * blur.from_input[i][k];
        for (int j = 1; j <= k; ++j) sum = std::fma(blur.from_input[i][k - j], sum_at(n + j), sum);
        y[i][k] = std::fma(blur.from_last[i][k], r.last, std::fma(blur.from_second[i][k], r.second, sum));
      }
      r.push(y[i][2]);
      r.push(y[i][3]);
    }
    for (int k = 0; k < 4; ++k) out[n + k] = y[0][k] + (y[1][k] + y[2][k]);
  }
  for (; n < width; ++n) single(n);
}

void blur_down(const Blur& blur, const Plane& in, Plane& out) {
  std::vector<std::array<Resonator, kResonators>> columns(in.width);
  const auto sample = [&](std::uint32_t x, std::int64_t y) {
    return y >= 0 && y < in.height ? in.at(x, static_cast<std::uint32_t>(y)) : 0.0f;
  };
  for (std::int64_t n = -kBlurAhead; n < in.height; ++n) {
    for (std::uint32_t x = 0; x < in.width; ++x) {
      const float sum = sample(x, n - kBlurBehind) + sample(x, n + kBlurAhead);
      float y[kResonators];
      for (int i = 0; i < kResonators; ++i) {
        Resonator& r = columns[x][i];
        y[i] = std::fma(blur.gain[i], sum, std::fma(-blur.turn[i], r.last, -r.second));
        r.push(y[i]);
      }
      if (n >= 0) out.at(x, static_cast<std::uint32_t>(n)) = y[0] + (y[1] + y[2]);
    }
  }
}

Plane blurred(const Plane& in) {
  const Blur blur = make_blur();
  Plane across(in.width, in.height), out(in.width, in.height);
  for (std::uint32_t y = 0; y < in.height; ++y) {
    const std::size_t row = std::size_t{y} * in.width;
    blur_across(blur, &in.samples[row], &across.samples[row], in.width);
  }
  blur_down(blur, across, out);
  return out;
}

Plane product(const Plane& a, const Plane& b) {
  Plane out = a;
  for (std::size_t i = 0; i < out.samples.size(); ++i) out.samples[i] *= b.samples[i];
  return out;
}

class NormSum {
 public:
  void add(double error) {
    const double square = error * error;
    sum_ += error;
    fourth_ += square * square;
  }
  Norms norms(std::size_t pixels) const {
    const double share = 1.0 / static_cast<double>(pixels);
    return {sum_ * share, std::sqrt(std::sqrt(fourth_ * share))};
  }

 private:
  double sum_ = 0, fourth_ = 0;
};

std::array<Norms, kMaps> compare_channel(const Plane& original, const Plane& candidate) {
  const Plane mean1 = blurred(original), mean2 = blurred(candidate);
  const Plane square1 = blurred(product(original, original)), square2 = blurred(product(candidate, candidate));
  const Plane mixed = blurred(product(original, candidate));
  std::array<NormSum, kMaps> sums;
  const std::size_t pixels = original.samples.size();
  for (std::size_t i = 0; i < pixels; ++i) {
    const float m1 = mean1.samples[i], m2 = mean2.samples[i];
    const float means = 1.0f - (m1 - m2) * (m1 - m2);
    const float covariance = mixed.samples[i] - m1 * m2;
    const float variances = (square1.samples[i] - m1 * m1) + (square2.samples[i] - m2 * m2) + kStructureFloor;
    sums[kStructure].add(std::max(1.0 - means * (2 * covariance + kStructureFloor) / variances, 0.0));

    const double edge1 = std::abs(original.samples[i] - m1), edge2 = std::abs(candidate.samples[i] - m2);
    const double more_edge = (1 + edge2) / (1 + edge1) - 1;
    sums[kRinging].add(std::max(more_edge, 0.0));
    sums[kBlurring].add(std::max(-more_edge, 0.0));
  }
  return {sums[kStructure].norms(pixels), sums[kRinging].norms(pixels), sums[kBlurring].norms(pixels)};
}

double score_on(const SrgbView& original, float original_background, const SrgbView& candidate,
                float candidate_background) {
  Planes linear1 = linear_light(original, original_background);
  Planes linear2 = linear_light(candidate, candidate_background);
  std::vector<ScaleNorms> scales(static_cast<std::size_t>(scale_count(original.width, original.height)));
  for (std::size_t s = 0; s < scales.size(); ++s) {
    if (s > 0) {
      for (Plane& plane : linear1) plane = halve(plane);
      for (Plane& plane : linear2) plane = halve(plane);
    }
    const Planes xyb1 = positive_xyb(linear1), xyb2 = positive_xyb(linear2);
    for (int c = 0; c < kChannels; ++c) scales[s][c] = compare_channel(xyb1[c], xyb2[c]);
  }
  return score(scales);
}

}  // namespace

Result<double> ssimulacra2(const SrgbView& original, const SrgbView& candidate) {
  TT_TRY(check_sizes(original, candidate));
  if (!original.alpha) return score_on(original, kGreyBackground, candidate, kGreyBackground);
  return std::min(score_on(original, kDarkBackground, candidate, kDarkBackground),
                  score_on(original, kBrightBackground, candidate, kBrightBackground));
}

}  // namespace tintype::reference
