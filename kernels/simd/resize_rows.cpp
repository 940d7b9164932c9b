#include "kernels/simd/resize_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/resize_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tintype::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void widen_row(const std::uint8_t* HWY_RESTRICT in, std::size_t samples, std::int16_t* HWY_RESTRICT out) {
  const hn::ScalableTag<std::int16_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  // The decoder's rows end where they end, so the last vector is not read past it.
  for (; i + lanes <= samples; i += lanes)
    hn::StoreU(hn::ShiftLeft<7>(hn::PromoteTo(d, hn::LoadU(d8, in + i))), d, out + i);
  for (; i < samples; ++i) out[i] = static_cast<std::int16_t>(in[i] << 7);
}

void halve_rows(const std::int16_t* HWY_RESTRICT upper, const std::int16_t* HWY_RESTRICT lower, std::size_t samples,
                std::int16_t* HWY_RESTRICT out) {
  const hn::ScalableTag<std::uint16_t> d;
  const hn::RebindToSigned<decltype(d)> signed_d;
  const std::size_t lanes = hn::Lanes(d);
  const auto mean_of_pairs = [&](const std::int16_t* a, const std::int16_t* b) HWY_ATTR {
    return hn::AverageRound(hn::BitCast(d, hn::LoadU(signed_d, a)), hn::BitCast(d, hn::LoadU(signed_d, b)));
  };
  std::size_t i = 0;
  for (; i + lanes <= samples; i += lanes) {
    const auto first = mean_of_pairs(upper + 2 * i, lower + 2 * i);
    const auto second = mean_of_pairs(upper + 2 * i + lanes, lower + 2 * i + lanes);
    const auto even = hn::ConcatEven(d, second, first);
    const auto odd = hn::ConcatOdd(d, second, first);
    hn::StoreU(hn::BitCast(signed_d, hn::AverageRound(even, odd)), signed_d, out + i);
  }
  for (; i < samples; ++i) {
    const int left = (upper[2 * i] + lower[2 * i] + 1) >> 1;
    const int right = (upper[2 * i + 1] + lower[2 * i + 1] + 1) >> 1;
    out[i] = static_cast<std::int16_t>((left + right + 1) >> 1);
  }
}

void mix_rows(const std::int16_t* const* HWY_RESTRICT rows, const std::int16_t* HWY_RESTRICT weights, std::size_t count,
              std::size_t samples, std::int16_t* HWY_RESTRICT out) {
  const hn::CappedTag<std::int16_t, kRowSlack / 2> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < samples; i += 2 * lanes) {
    auto first = hn::Zero(d);
    auto second = hn::Zero(d);
    for (std::size_t k = 0; k < count; ++k) {
      const auto weight = hn::Set(d, weights[k]);
      first = hn::Add(first, hn::MulFixedPoint15(hn::LoadU(d, rows[k] + i), weight));
      second = hn::Add(second, hn::MulFixedPoint15(hn::LoadU(d, rows[k] + i + lanes), weight));
    }
    hn::StoreU(first, d, out + i);
    hn::StoreU(second, d, out + i + lanes);
  }
}

// Four partial sums of output sample `i`.
HWY_INLINE hn::Vec<hn::FixedTag<std::int32_t, 4>> partial_sums(const std::int16_t* HWY_RESTRICT in,
                                                               const ResizeTaps& taps, std::uint32_t i) {
  const hn::FixedTag<std::int16_t, kTapGroup> d;
  const hn::FixedTag<std::int32_t, 4> d32;
  const std::int16_t* HWY_RESTRICT samples = in + taps.first[i];
  const std::int16_t* HWY_RESTRICT weights = taps.weights_of(i);
  auto sums = hn::WidenMulPairwiseAdd(d32, hn::LoadU(d, samples), hn::LoadU(d, weights));
  for (std::size_t k = kTapGroup; k < taps.stride; k += kTapGroup)
    sums = hn::Add(sums, hn::WidenMulPairwiseAdd(d32, hn::LoadU(d, samples + k), hn::LoadU(d, weights + k)));
  return sums;
}

void filter_row(const std::int16_t* HWY_RESTRICT in, const ResizeTaps& taps, std::uint16_t* HWY_RESTRICT out) {
  const hn::FixedTag<std::int32_t, kOutputGroup> d32;
  const hn::Rebind<std::uint16_t, decltype(d32)> d16;
  const auto half = hn::Set(d32, 1 << (kTapBits - 1));
  const auto most = hn::Set(d32, kFineMax);
  for (std::uint32_t i = 0; i < taps.out_samples; i += kOutputGroup) {
    const auto a = partial_sums(in, taps, i);
    const auto b = partial_sums(in, taps, i + 1);
    const auto c = partial_sums(in, taps, i + 2);
    const auto e = partial_sums(in, taps, i + 3);
    const auto ab = hn::Add(hn::InterleaveLower(d32, a, b), hn::InterleaveUpper(d32, a, b));
    const auto ce = hn::Add(hn::InterleaveLower(d32, c, e), hn::InterleaveUpper(d32, c, e));
    const auto sums = hn::Add(hn::ConcatLowerLower(d32, ce, ab), hn::ConcatUpperUpper(d32, ce, ab));
    const auto values = hn::ShiftRight<kTapBits>(hn::Add(sums, half));
    hn::StoreU(hn::DemoteTo(d16, hn::Min(hn::Max(values, hn::Zero(d32)), most)), d16, out + i);
  }
}

template <typename T>
HWY_INLINE void code_samples(const std::uint16_t* HWY_RESTRICT in, std::size_t samples, SampleCode code,
                             T* HWY_RESTRICT out) {
  const hn::ScalableTag<std::uint32_t> d32;
  const hn::Rebind<std::uint16_t, decltype(d32)> d16;
  const hn::Rebind<T, decltype(d32)> d_out;
  const auto scale = hn::Set(d32, code.scale);
  const auto bias = hn::Set(d32, code.bias);
  const std::size_t lanes = hn::Lanes(d32);
  std::size_t i = 0;
  for (; i + lanes <= samples; i += lanes) {
    const auto value = hn::PromoteTo(d32, hn::LoadU(d16, in + i));
    const auto coded = hn::ShiftRight<kCodeShift>(hn::Add(hn::Mul(value, scale), bias));
    hn::StoreU(hn::DemoteTo(d_out, coded), d_out, out + i);
  }
  for (; i < samples; ++i) out[i] = static_cast<T>((in[i] * code.scale + code.bias) >> kCodeShift);
}

void code_row_8(const std::uint16_t* in, std::size_t samples, SampleCode code, std::uint8_t* out) {
  code_samples(in, samples, code, out);
}

void code_row_16(const std::uint16_t* in, std::size_t samples, SampleCode code, std::uint16_t* out) {
  code_samples(in, samples, code, out);
}

}  // namespace tintype::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tintype {

HWY_EXPORT(widen_row);
HWY_EXPORT(halve_rows);
HWY_EXPORT(mix_rows);
HWY_EXPORT(filter_row);
HWY_EXPORT(code_row_8);
HWY_EXPORT(code_row_16);

namespace simd {

void widen_row(const std::uint8_t* in, std::size_t samples, std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(widen_row)(in, samples, out);
}

void halve_rows(const std::int16_t* upper, const std::int16_t* lower, std::size_t samples, std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(halve_rows)(upper, lower, samples, out);
}

void mix_rows(const std::int16_t* const* rows, const std::int16_t* weights, std::size_t count, std::size_t samples,
              std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(mix_rows)(rows, weights, count, samples, out);
}

void filter_row(const std::int16_t* in, const ResizeTaps& taps, std::uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(filter_row)(in, taps, out);
}

void code_row(const std::uint16_t* in, std::size_t samples, SampleCode code, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(code_row_8)(in, samples, code, out);
}

void code_row(const std::uint16_t* in, std::size_t samples, SampleCode code, std::uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(code_row_16)(in, samples, code, out);
}

}  // namespace simd
}  // namespace tintype
#endif
