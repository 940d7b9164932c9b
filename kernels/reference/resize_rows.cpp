#include "kernels/reference/resize_rows.h"

#include "kernels/shared/resize.h"

namespace tintype::reference {
namespace {

static_assert(TT_TAP_BITS == kTapBits && TT_FINE_MAX == kFineMax && TT_CODE_SHIFT == kCodeShift);

template <typename T>
void code(const std::uint16_t* in, std::size_t samples, SampleCode code, T* out) {
  for (std::size_t i = 0; i < samples; ++i) out[i] = static_cast<T>(tt_coded(in[i], code.scale, code.bias));
}

}  // namespace

void widen_row(const std::uint8_t* in, std::size_t samples, std::int16_t* out) {
  for (std::size_t i = 0; i < samples; ++i) out[i] = static_cast<std::int16_t>(tt_widened(in[i]));
}

void halve_rows(const std::int16_t* upper, const std::int16_t* lower, std::size_t samples, std::int16_t* out) {
  for (std::size_t i = 0; i < samples; ++i) {
    out[i] = static_cast<std::int16_t>(tt_mean_of_four(upper[2 * i], upper[2 * i + 1], lower[2 * i], lower[2 * i + 1]));
  }
}

void mix_rows(const std::int16_t* const* rows, const std::int16_t* weights, std::size_t count, std::size_t samples,
              std::int16_t* out) {
  for (std::size_t i = 0; i < samples; ++i) {
    int sum = 0;
    for (std::size_t k = 0; k < count; ++k) sum += tt_mix_term(rows[k][i], weights[k]);
    out[i] = static_cast<std::int16_t>(sum);
  }
}

void filter_row(const std::int16_t* in, const ResizeTaps& taps, std::uint16_t* out) {
  for (std::uint32_t i = 0; i < taps.out_samples; ++i) {
    const std::int16_t* weights = taps.weights_of(i);
    int sum = 0;
    for (std::uint32_t k = 0; k < taps.count; ++k) sum += in[taps.first[i] + k] * weights[k];
    out[i] = tt_fine(sum);
  }
}

void code_row(const std::uint16_t* in, std::size_t samples, SampleCode sample_code, std::uint8_t* out) {
  code(in, samples, sample_code, out);
}

void code_row(const std::uint16_t* in, std::size_t samples, SampleCode sample_code, std::uint16_t* out) {
  code(in, samples, sample_code, out);
}

}  // namespace tintype::reference
