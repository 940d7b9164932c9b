#include "kernels/reference/resize_rows.h"

#include <algorithm>

namespace tintype::reference {
namespace {

constexpr int kWideBits = 7;

int mean_of_two(int a, int b) {
  return (a + b + 1) >> 1;
}

template <typename T>
void code(const std::uint16_t* in, std::size_t samples, SampleCode code, T* out) {
  for (std::size_t i = 0; i < samples; ++i) out[i] = static_cast<T>((in[i] * code.scale + code.bias) >> kCodeShift);
}

}  // namespace

void widen_row(const std::uint8_t* in, std::size_t samples, std::int16_t* out) {
  for (std::size_t i = 0; i < samples; ++i) out[i] = static_cast<std::int16_t>(in[i] << kWideBits);
}

void halve_rows(const std::int16_t* upper, const std::int16_t* lower, std::size_t samples, std::int16_t* out) {
  for (std::size_t i = 0; i < samples; ++i) {
    const int left = mean_of_two(upper[2 * i], lower[2 * i]);
    const int right = mean_of_two(upper[2 * i + 1], lower[2 * i + 1]);
    out[i] = static_cast<std::int16_t>(mean_of_two(left, right));
  }
}

void mix_rows(const std::int16_t* const* rows, const std::int16_t* weights, std::size_t count, std::size_t samples,
              std::int16_t* out) {
  for (std::size_t i = 0; i < samples; ++i) {
    int sum = 0;
    for (std::size_t k = 0; k < count; ++k) sum += (rows[k][i] * weights[k] + (1 << 14)) >> 15;
    out[i] = static_cast<std::int16_t>(sum);
  }
}

void filter_row(const std::int16_t* in, const ResizeTaps& taps, std::uint16_t* out) {
  for (std::uint32_t i = 0; i < taps.out_samples; ++i) {
    const std::int16_t* weights = taps.weights_of(i);
    int sum = 0;
    for (std::uint32_t k = 0; k < taps.count; ++k) sum += in[taps.first[i] + k] * weights[k];
    const int value = (sum + (1 << (kTapBits - 1))) >> kTapBits;
    out[i] = static_cast<std::uint16_t>(std::clamp<int>(value, 0, kFineMax));
  }
}

void code_row(const std::uint16_t* in, std::size_t samples, SampleCode sample_code, std::uint8_t* out) {
  code(in, samples, sample_code, out);
}

void code_row(const std::uint16_t* in, std::size_t samples, SampleCode sample_code, std::uint16_t* out) {
  code(in, samples, sample_code, out);
}

}  // namespace tintype::reference
