#include "kernels/reference/ssimulacra2.h"

#include <algorithm>
#include <array>
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
          ss2_mean_of_four(in.at(2 * x, 2 * y), in.at(right, 2 * y), in.at(2 * x, below), in.at(right, below));
    }
  }
  return out;
}

Planes positive_xyb(const Planes& linear) {
  const Ss2Constants all = constants();
  Planes xyb = linear;
  for (std::size_t i = 0; i < linear[0].samples.size(); ++i) {
    float pixel[3];
    ss2_to_xyb(&all, linear[0].samples[i], linear[1].samples[i], linear[2].samples[i], pixel);
    for (int c = 0; c < 3; ++c) xyb[c].samples[i] = pixel[c];
  }
  return xyb;
}

void blur_across(const Blur& blur, const float* in, float* out, std::uint32_t width) {
  const auto sample = [&](std::int64_t i) { return i >= 0 && i < width ? in[i] : 0.0f; };
  const auto input_at = [&](std::int64_t n) { return sample(n - kBlurBehind) + sample(n + kBlurAhead); };
  Ss2Resonators memory{};
  const auto single = [&](std::int64_t n) {
    const float blurred = ss2_blur_one(&blur, input_at(n), &memory);
    if (n >= 0) out[n] = blurred;
  };
  const std::int64_t fours_end = blur_single_end(width);
  std::int64_t n = -kBlurAhead;
  for (; n < std::min<std::int64_t>(kBlurSingleBegin, width); ++n) single(n);
  for (; n < fours_end; n += 4) {
    const float input[4] = {input_at(n), input_at(n + 1), input_at(n + 2), input_at(n + 3)};
    ss2_blur_four(&blur, input, &memory, out + n);
  }
  for (; n < width; ++n) single(n);
}

void blur_down(const Blur& blur, const Plane& in, Plane& out) {
  std::vector<Ss2Resonators> columns(in.width);
  const auto sample = [&](std::uint32_t x, std::int64_t y) {
    return y >= 0 && y < in.height ? in.at(x, static_cast<std::uint32_t>(y)) : 0.0f;
  };
  for (std::int64_t n = -kBlurAhead; n < in.height; ++n) {
    for (std::uint32_t x = 0; x < in.width; ++x) {
      const float input = sample(x, n - kBlurBehind) + sample(x, n + kBlurAhead);
      const float blurred = ss2_blur_down(&blur, input, &columns[x]);
      if (n >= 0) out.at(x, static_cast<std::uint32_t>(n)) = blurred;
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

std::array<Norms, kMaps> compare_channel(const Plane& original, const Plane& candidate) {
  const Plane mean1 = blurred(original), mean2 = blurred(candidate);
  const Plane square1 = blurred(product(original, original)), square2 = blurred(product(candidate, candidate));
  const Plane mixed = blurred(product(original, candidate));
  const Ss2Constants all = constants();
  std::vector<Ss2Sums> columns(original.width);
  const std::size_t pixels = original.samples.size();
  for (std::size_t i = 0; i < pixels; ++i) {
    const Ss2Pixel pixel{original.samples[i], candidate.samples[i], mean1.samples[i], mean2.samples[i],
                         square1.samples[i],  square2.samples[i],   mixed.samples[i]};
    ss2_add_errors(&all, &pixel, &columns[i % original.width]);
  }
  std::array<Norms, kMaps> norms;
  for (int map = 0; map < kMaps; ++map) {
    double sum = 0, fourth = 0;
    for (const Ss2Sums& column : columns) {
      sum += column.sum[map];
      fourth += column.fourth[map];
    }
    norms[map] = norms_of(sum, fourth, pixels);
  }
  return norms;
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
