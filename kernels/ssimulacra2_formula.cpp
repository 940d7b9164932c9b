#include "kernels/ssimulacra2_formula.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace tintype::ssimulacra2 {
namespace {

// Mean: structure, ringing, blurring; fourth norm: the same.
// clang-format off
constexpr double kWeights[kChannels * kMaxScales * 2 * kMaps] = {
    0.0, 0.0007376606707406586, 0.0, 0.0, 0.0007793481682867309, 0.0,  // X, scale 0
    0.0, 0.0004371155730107379, 0.0, 1.1041726426657346, 0.00066284834129271, 0.00015231632783718752,  // X, scale 1
    0.0, 0.0016406437456599754, 0.0, 1.8422455520539298, 11.441172603757666, 0.0,  // X, scale 2
    0.0007989109436015163, 0.000176816438078653, 0.0, 1.8787594979546387, 10.94906990605142, 0.0,  // X, scale 3
    0.0007289346991508072, 0.9677937080626833, 0.0, 0.00014003424285435884, 0.9981766977854967, 0.00031949755934435053,  // X, scale 4
    0.0004550992113792063, 0.0, 0.0, 0.0013648766163243398, 0.0, 0.0,  // X, scale 5
    0.0, 0.0, 0.0, 7.466890328078848, 0.0, 17.445833984131262,  // Y, scale 0
    0.0006235601634041466, 0.0, 0.0, 6.683678146179332, 0.00037724407979611296, 1.027889937768264,  // Y, scale 1
    225.20515300849274, 0.0, 0.0, 19.213238186143016, 0.0011401524586618361, 0.001237755635509985,  // Y, scale 2
    176.39317598450694, 0.0, 0.0, 24.43300999870476, 0.28520802612117757, 0.0004485436923833408,  // Y, scale 3
    0.0, 0.0, 0.0, 34.77906344483772, 44.835625328877896, 0.0,  // Y, scale 4
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0,  // Y, scale 5
    0.0, 0.0008680556573291698, 0.0, 0.0, 0.0, 0.0,  // B, scale 0
    0.0, 0.0005313191874358747, 0.0, 0.00016533814161379112, 0.0, 0.0,  // B, scale 1
    0.0, 0.0, 0.0, 0.0004179171803251336, 0.0017290828234722833, 0.0,  // B, scale 2
    0.0020827005846636437, 0.0, 0.0, 8.826982764996862, 23.19243343998926, 0.0,  // B, scale 3
    95.1080498811086, 0.9863978034400682, 0.9834382792465353, 0.0012286405048278493, 171.2667255897307, 0.9807858872435379,  // B, scale 4
    0.0, 0.0, 0.0, 0.0005130064588990679, 0.0, 0.00010854057858411537,  // B, scale 5
};
// clang-format on

struct Vector3 {
  double x, y, z;
};
Vector3 cross(const Vector3& a, const Vector3& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
double dot(const Vector3& a, const Vector3& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

}  // namespace

Ss2Constants constants() {
  Ss2Constants all{};
  for (int row = 0; row < 3; ++row) std::ranges::copy(kMix[row], all.mix[row]);
  all.mix_bias = kMixBias;
  all.root_offset = -std::cbrt(kMixBias);
  all.x_gain = kXGain;
  all.x_offset = kXOffset;
  all.y_offset = kYOffset;
  all.b_offset = kBOffset;
  all.structure_floor = kStructureFloor;
  return all;
}

Blur make_blur() {
  constexpr double kSigma = 1.5;
  const double radius = std::round(3.2795 * kSigma + 0.2546);  // the paper's (57)
  double omega[3], p[3], r[3], rho[3];
  for (int i = 0; i < 3; ++i) {
    const double sign = i == 1 ? -1 : 1;
    omega[i] = (2 * i + 1) * std::numbers::pi / (2 * radius);                  // table I
    p[i] = sign / std::tan(0.5 * omega[i]);                                    // (37)
    r[i] = sign * p[i] * p[i] / std::sin(omega[i]);                            // (44)
    rho[i] = std::exp(-0.5 * kSigma * kSigma * omega[i] * omega[i]) / radius;  // (50)
  }
  const Vector3 sum{p[0], p[1], p[2]}, spread{r[0], r[1], r[2]};
  const Vector3 minors = cross(sum, spread);
  const Vector3 zeta{minors.x / minors.z, minors.y / minors.z, 1};  // (52)
  // (53): a filter of sum 1 and variance sigma^2 that is the Gaussian's projection else. Cramer's rule.
  const Vector3 wanted{1, radius * radius - kSigma * kSigma, zeta.x * rho[0] + zeta.y * rho[1] + rho[2]};
  const Vector3 a = cross(spread, zeta), b = cross(zeta, sum), c = cross(sum, spread);
  const double determinant = dot(sum, a);
  const auto beta = [&](double ai, double bi, double ci) {
    return (wanted.x * ai + wanted.y * bi + wanted.z * ci) / determinant;
  };
  const double betas[3] = {beta(a.x, b.x, c.x), beta(a.y, b.y, c.y), beta(a.z, b.z, c.z)};

  Blur blur;
  for (int i = 0; i < kResonators; ++i) {
    const double n2 = -betas[i] * std::cos(omega[i] * (radius + 1));  // (33)
    const double d1 = -2 * std::cos(omega[i]);
    const double d2 = d1 * d1;
    blur.gain[i] = static_cast<float>(n2);
    blur.turn[i] = static_cast<float>(d1);
    // The recursion, written out for four outputs.
    const double last[4] = {-d1, d2 - 1, -d2 * d1 + 2 * d1, d2 * d2 - 3 * d2 + 1};
    const double second[4] = {-1, d1, -d2 + 1, d2 * d1 - 2 * d1};
    const double input[4] = {n2, -d1 * n2, d2 * n2 - n2, -d2 * d1 * n2 + 2 * d1 * n2};
    for (int k = 0; k < 4; ++k) {
      blur.from_last[i][k] = static_cast<float>(last[k]);
      blur.from_second[i][k] = static_cast<float>(second[k]);
      blur.from_input[i][k] = static_cast<float>(input[k]);
    }
  }
  return blur;
}

float linear_from_srgb(float value) {
  constexpr float kNumerator[] = {2.200248328e-04f, 1.043637593e-02f, 1.624820318e-01f, 7.961564959e-01f,
                                  8.210152774e-01f};
  constexpr float kDenominator[] = {2.631846970e-01f, 1.076976492e+00f, 4.987528350e-01f, -5.512498495e-02f,
                                    6.521209011e-03f};
  if (value <= 0.04045f) return value * (1.0f / 12.92f);
  float numerator = kNumerator[4], denominator = kDenominator[4];
  for (int i = 3; i >= 0; --i) {
    numerator = std::fma(numerator, value, kNumerator[i]);
    denominator = std::fma(denominator, value, kDenominator[i]);
  }
  return numerator / denominator;
}

float blend(std::uint8_t sample, std::uint8_t alpha, float background) {
  constexpr float kUnit = 1.0f / 255;
  const float a = static_cast<float>(alpha) * kUnit;
  return a * (static_cast<float>(sample) * kUnit) + (1.0f - a) * background;
}

int scale_count(std::uint32_t width, std::uint32_t height) {
  int scales = 1;
  for (; scales < kMaxScales && std::min(width, height) >= kMinSidePx; ++scales) {
    width = halved(width);
    height = halved(height);
  }
  return scales;
}

double weight(int scales, int channel, int scale, bool fourth, Map map) {
  return kWeights[((channel * scales + scale) * 2 + fourth) * kMaps + map];
}

double score(std::span<const ScaleNorms> scales) {
  const int count = static_cast<int>(scales.size());
  double sum = 0;
  for (int channel = 0; channel < kChannels; ++channel) {
    for (int scale = 0; scale < count; ++scale) {
      for (int map = 0; map < kMaps; ++map) {
        const Norms& norms = scales[scale][channel][map];
        sum += weight(count, channel, scale, false, Map(map)) * norms.mean +
               weight(count, channel, scale, true, Map(map)) * norms.fourth;
      }
    }
  }
  sum *= 0.9562382616834844;
  sum = 2.326765642916932 * sum - 0.020884521182843837 * sum * sum + 6.248496625763138e-05 * sum * sum * sum;
  return sum > 0 ? 100.0 - 10.0 * std::pow(sum, 0.6276336467831387) : 100.0;
}

Norms norms_of(double sum, double fourth, std::size_t pixels) {
  const double share = 1.0 / static_cast<double>(pixels);
  return {sum * share, std::sqrt(std::sqrt(fourth * share))};
}

Status check_sizes(const SrgbView& original, const SrgbView& candidate) {
  const auto size = [](const SrgbView& view) {
    return std::to_string(view.width) + " x " + std::to_string(view.height);
  };
  if (original.width != candidate.width || original.height != candidate.height) {
    return fail(ErrorCode::kInvalidArgument, "the original has " + size(original) + " pixels and the candidate " +
                                                 size(candidate) +
                                                 ": only pictures of one size can be compared, so resize one first");
  }
  if (original.width < kMinSidePx || original.height < kMinSidePx) {
    return fail(ErrorCode::kInvalidArgument,
                "the pictures have " + size(original) + " pixels: SSIMULACRA2 is defined from 8 x 8 on");
  }
  return {};
}

}  // namespace tintype::ssimulacra2
