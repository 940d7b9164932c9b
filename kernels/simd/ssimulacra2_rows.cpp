#include "kernels/simd/ssimulacra2_rows.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/ssimulacra2_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tintype::simd::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using ssimulacra2::Blur;
using ssimulacra2::kBlurAhead;
using ssimulacra2::kBlurBehind;
using ssimulacra2::kBlurSingleBegin;
using ssimulacra2::kResonators;

// Every product and sum below is in the definition's order: its rounding is part of the score.

template <class V>
HWY_INLINE V CubeRootAndAdd(V x, float addend) {
  const hn::DFromV<V> d;
  const hn::RebindToSigned<decltype(d)> di;
  const V third = hn::Set(d, 1.0f / 3), four_thirds = hn::Set(d, 4.0f / 3);
  const V x_third = hn::Mul(third, x);
  const auto exponent = hn::ShiftRight<23>(hn::BitCast(di, x));
  V root = hn::BitCast(d, hn::Sub(hn::Set(di, 0x54800000), hn::Mul(exponent, hn::Set(di, 0x002AAAAA))));
  for (int i = 0; i < 3; ++i) {
    const V square = hn::Mul(root, root);
    root = hn::NegMulAdd(x_third, hn::Mul(square, square), hn::Mul(four_thirds, root));
  }
  const V square = hn::Mul(root, root);
  root = hn::MulAdd(third, hn::NegMulAdd(x, hn::Mul(square, square), root), root);
  return hn::MulAdd(hn::Mul(root, root), x, hn::Set(d, addend));
}

template <bool kX, bool kB>
HWY_INLINE void ToXybOf(const RgbRow& linear, const XybRow& xyb, std::size_t width) {
  using namespace ssimulacra2;
  const hn::CappedTag<float, kRowSlack> d;
  const float offset = -std::cbrt(kMixBias);
  for (std::size_t i = 0; i < width; i += hn::Lanes(d)) {
    const auto r = hn::LoadU(d, linear.of[0] + i), g = hn::LoadU(d, linear.of[1] + i),
               b = hn::LoadU(d, linear.of[2] + i);
    const auto root = [&](int k) HWY_ATTR {
      const auto mixed = hn::MulAdd(
          hn::Set(d, kMix[k][0]), r,
          hn::MulAdd(hn::Set(d, kMix[k][1]), g, hn::MulAdd(hn::Set(d, kMix[k][2]), b, hn::Set(d, kMixBias))));
      return CubeRootAndAdd(mixed, offset);
    };
    const auto half = hn::Set(d, 0.5f);
    const auto root0 = root(0), root1 = root(1);
    const auto y = hn::Mul(half, hn::Add(root0, root1));
    hn::StoreU(hn::Add(y, hn::Set(d, kYOffset)), d, xyb.of[1] + i);
    if constexpr (kX) {
      const auto x = hn::Mul(half, hn::Sub(root0, root1));
      hn::StoreU(hn::Add(hn::Mul(x, hn::Set(d, kXGain)), hn::Set(d, kXOffset)), d, xyb.of[0] + i);
    }
    if constexpr (kB) hn::StoreU(hn::Add(hn::Sub(root(2), y), hn::Set(d, kBOffset)), d, xyb.of[2] + i);
  }
}

void ToXyb(const RgbRow& linear, const XybRow& xyb, std::size_t width) {
  if (xyb.of[0]) return xyb.of[2] ? ToXybOf<true, true>(linear, xyb, width) : ToXybOf<true, false>(linear, xyb, width);
  return xyb.of[2] ? ToXybOf<false, true>(linear, xyb, width) : ToXybOf<false, false>(linear, xyb, width);
}

void HalveRows(const float* upper, const float* lower, float* out, std::size_t width) {
  const hn::CappedTag<float, kRowSlack> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; 2 * (i + lanes) <= width; i += lanes) {
    hn::VFromD<decltype(d)> a, b, e, f;
    hn::LoadInterleaved2(d, upper + 2 * i, a, b);
    hn::LoadInterleaved2(d, lower + 2 * i, e, f);
    hn::StoreU(hn::Mul(hn::Add(hn::Add(hn::Add(a, b), e), f), hn::Set(d, 0.25f)), d, out + i);
  }
  for (; 2 * i < width; ++i) {
    const std::size_t right = 2 * i + 1 < width ? 2 * i + 1 : 2 * i;
    out[i] = (((upper[2 * i] + upper[right]) + lower[2 * i]) + lower[right]) * 0.25f;
  }
}

// Vectors of blocks of four samples, a row each. Where vectors have no fixed size, one block.
using BlockTag = hn::CappedTag<float, HWY_HAVE_SCALABLE ? 4 : 16>;
constexpr int kBlocks = hn::MaxLanes(BlockTag()) / 4;
using QuadTag = hn::FixedTag<float, 4>;

template <class D>
HWY_INLINE hn::VFromD<D> LoadBlocks(D d, const float* const* rows, std::size_t at) {
  const QuadTag quad;
  if constexpr (hn::MaxLanes(D()) == 4) {
    return hn::LoadU(d, rows[0] + at);
  } else if constexpr (hn::MaxLanes(D()) == 8) {
    return hn::Combine(d, hn::LoadU(quad, rows[1] + at), hn::LoadU(quad, rows[0] + at));
  } else {
    const hn::Half<D> half;
    return hn::Combine(d, LoadBlocks(half, rows + 2, at), LoadBlocks(half, rows, at));
  }
}

template <class D>
HWY_INLINE void StoreBlocks(D d, hn::VFromD<D> v, float* const* rows, std::size_t at) {
  if constexpr (hn::MaxLanes(D()) == 4) {
    hn::StoreU(v, d, rows[0] + at);
  } else {
    const hn::Half<D> half;
    constexpr std::size_t kHalfBlocks = hn::MaxLanes(D()) / 8;
    StoreBlocks(half, hn::LowerHalf(half, v), rows, at);
    StoreBlocks(half, hn::UpperHalf(half, v), rows + kHalfBlocks, at);
  }
}

// kBlocks rows; of a, or of a * b.
template <bool kProduct>
HWY_INLINE void BlurBlocks(const Blur& blur, const float* const* a, const float* const* b, float* const* out,
                           std::int64_t width) {
  using V = hn::VFromD<BlockTag>;
  const BlockTag d;
  const auto load = [&](std::int64_t at) HWY_ATTR {
    const V v = LoadBlocks(d, a, static_cast<std::size_t>(at));
    if constexpr (kProduct) return hn::Mul(v, LoadBlocks(d, b, static_cast<std::size_t>(at)));
    return v;
  };
  const auto repeat = [&](const float* four) HWY_ATTR { return hn::LoadDup128(d, four); };
  V last[kResonators], second[kResonators];
  for (int i = 0; i < kResonators; ++i) last[i] = second[i] = hn::Zero(d);

  // One output a row, in the first lane of its block.
  const auto single = [&](std::int64_t n) HWY_ATTR {
    HWY_ALIGN float lanes[4 * kBlocks] = {};
    const auto sample = [&](int row, std::int64_t at) {
      if (at < 0 || at >= width) return 0.0f;
      return kProduct ? a[row][at] * b[row][at] : a[row][at];
    };
    for (int row = 0; row < kBlocks; ++row) lanes[4 * row] = sample(row, n - kBlurBehind) + sample(row, n + kBlurAhead);
    const V sum = hn::Load(d, lanes);
    V y[kResonators];
    for (int i = 0; i < kResonators; ++i) {
      y[i] = hn::Mul(sum, repeat(blur.from_input[i]));
      y[i] = hn::MulAdd(repeat(blur.from_second[i]), second[i], y[i]);
      second[i] = last[i];
      last[i] = y[i] = hn::MulAdd(repeat(blur.from_last[i]), last[i], y[i]);
    }
    if (n < 0) return;
    hn::Store(hn::Add(y[0], hn::Add(y[1], y[2])), d, lanes);
    for (int row = 0; row < kBlocks; ++row) out[row][n] = lanes[4 * row];
  };

  std::int64_t n = -kBlurAhead;
  for (; n < HWY_MIN(std::int64_t{kBlurSingleBegin}, width); ++n) single(n);

  const std::int64_t end = ssimulacra2::blur_single_end(static_cast<std::uint32_t>(width));
  if (n < end) {
    for (int i = 0; i < kResonators; ++i) {
      last[i] = hn::Broadcast<0>(last[i]);
      second[i] = hn::Broadcast<0>(second[i]);
    }
    V input[kResonators][4], from_last[kResonators], from_second[kResonators];
    for (int i = 0; i < kResonators; ++i) {
      input[i][0] = repeat(blur.from_input[i]);
      input[i][1] = hn::ShiftLeftLanes<1>(input[i][0]);
      input[i][2] = hn::ShiftLeftLanes<2>(input[i][0]);
      input[i][3] = hn::ShiftLeftLanes<3>(input[i][0]);
      from_last[i] = repeat(blur.from_last[i]);
      from_second[i] = repeat(blur.from_second[i]);
    }
    V in_m8 = load(n - 8), in_m4 = load(n - 4), in_0 = load(n);
    for (; n < end; n += 4) {
      const V in_4 = load(n + 4);
      const V sum = hn::Add(hn::CombineShiftRightBytes<8>(d, in_m4, in_m8), in_4);
      in_m8 = in_m4;
      in_m4 = in_0;
      in_0 = in_4;
      const V s0 = hn::Broadcast<0>(sum), s1 = hn::Broadcast<1>(sum), s2 = hn::Broadcast<2>(sum),
              s3 = hn::Broadcast<3>(sum);
      V y[kResonators];
      for (int i = 0; i < kResonators; ++i) {
        V v = hn::Mul(s0, input[i][0]);
        v = hn::MulAdd(input[i][1], s1, v);
        v = hn::MulAdd(input[i][2], s2, v);
        v = hn::MulAdd(input[i][3], s3, v);
        v = hn::MulAdd(from_second[i], second[i], v);
        v = hn::MulAdd(from_last[i], last[i], v);
        second[i] = hn::Broadcast<2>(v);
        last[i] = hn::Broadcast<3>(v);
        y[i] = v;
      }
      StoreBlocks(d, hn::Add(y[0], hn::Add(y[1], y[2])), out, static_cast<std::size_t>(n));
    }
  }
  for (; n < width; ++n) single(n);
}

void BlurAcross(const Blur& blur, const BatchIn& in, const BatchOut& out, std::size_t width) {
  for (int row = 0; row < kBatchRows; row += kBlocks) {
    BlurBlocks<false>(blur, in.row + row, in.row + row, out.row + row, static_cast<std::int64_t>(width));
  }
}

void BlurProductAcross(const Blur& blur, const BatchIn& a, const BatchIn& b, const BatchOut& out, std::size_t width) {
  for (int row = 0; row < kBatchRows; row += kBlocks) {
    BlurBlocks<true>(blur, a.row + row, b.row + row, out.row + row, static_cast<std::int64_t>(width));
  }
}

void BlurDown(const Blur& blur, const BatchIn& behind, const BatchIn& ahead, float* state, std::size_t state_stride,
              const BatchOut& out, std::size_t width) {
  const hn::CappedTag<float, kRowSlack> d;
  using V = hn::VFromD<decltype(d)>;
  for (std::size_t x = 0; x < width; x += hn::Lanes(d)) {
    V last[kResonators], second[kResonators];
    for (int i = 0; i < kResonators; ++i) {
      last[i] = hn::LoadU(d, state + 2 * i * state_stride + x);
      second[i] = hn::LoadU(d, state + (2 * i + 1) * state_stride + x);
    }
    for (int k = 0; k < kBatchRows; ++k) {
      const V sum = hn::Add(hn::LoadU(d, behind.row[k] + x), hn::LoadU(d, ahead.row[k] + x));
      for (int i = 0; i < kResonators; ++i) {
        const V y =
            hn::MulAdd(hn::Set(d, blur.gain[i]), sum, hn::NegMulSub(hn::Set(d, blur.turn[i]), last[i], second[i]));
        second[i] = last[i];
        last[i] = y;
      }
      hn::StoreU(hn::Add(last[0], hn::Add(last[1], last[2])), d, out.row[k] + x);
    }
    for (int i = 0; i < kResonators; ++i) {
      hn::StoreU(last[i], d, state + 2 * i * state_stride + x);
      hn::StoreU(second[i], d, state + (2 * i + 1) * state_stride + x);
    }
  }
}

void ToVariance(const float* mean, float* square, std::size_t width) {
  const hn::CappedTag<float, kRowSlack> d;
  for (std::size_t x = 0; x < width; x += hn::Lanes(d)) {
    const auto m = hn::LoadU(d, mean + x);
    hn::StoreU(hn::Sub(hn::LoadU(d, square + x), hn::Mul(m, m)), d, square + x);
  }
}

template <bool kStructure, bool kEdges>
HWY_INLINE void AddMapsOf(const MapBatch& batch, std::size_t width, MapSums& sums) {
  const hn::CappedTag<float, kRowSlack> d;
  using V = hn::VFromD<decltype(d)>;
  const V one = hn::Set(d, 1.0f), zero = hn::Zero(d);
  V sum[ssimulacra2::kMaps], fourth[ssimulacra2::kMaps];
  for (int map = 0; map < ssimulacra2::kMaps; ++map) sum[map] = fourth[map] = zero;
  const auto add = [&](int map, V error) HWY_ATTR {
    sum[map] = hn::Add(sum[map], error);
    const V square = hn::Mul(error, error);
    fourth[map] = hn::MulAdd(square, square, fourth[map]);
  };
  for (int k = 0; k < batch.rows; ++k) {
    const MapRow& row = batch.row[k];
    for (std::size_t x = 0; x < width; x += hn::Lanes(d)) {
      const auto inside = hn::FirstN(d, width - x);
      const V m1 = hn::LoadU(d, row.mean1 + x), m2 = hn::LoadU(d, row.mean2 + x);
      if constexpr (kStructure) {
        const V floor = hn::Set(d, ssimulacra2::kStructureFloor);
        const V apart = hn::Sub(m1, m2);
        const V means = hn::Sub(one, hn::Mul(apart, apart));
        const V covariance = hn::Sub(hn::LoadU(d, row.product + x), hn::Mul(m1, m2));
        const V variance2 = hn::Sub(hn::LoadU(d, row.square2 + x), hn::Mul(m2, m2));
        const V variances = hn::Add(hn::Add(hn::LoadU(d, row.variance1 + x), variance2), floor);
        const V likeness = hn::Div(hn::Mul(means, hn::Add(hn::Add(covariance, covariance), floor)), variances);
        add(ssimulacra2::kStructure, hn::IfThenElseZero(inside, hn::Max(hn::Sub(one, likeness), zero)));
      }
      if constexpr (kEdges) {
        const V edge1 = hn::AbsDiff(hn::LoadU(d, row.value1 + x), m1);
        const V edge2 = hn::AbsDiff(hn::LoadU(d, row.value2 + x), m2);
        const V more = hn::Div(hn::Sub(edge2, edge1), hn::Add(one, edge1));
        add(ssimulacra2::kRinging, hn::IfThenElseZero(inside, hn::Max(more, zero)));
        add(ssimulacra2::kBlurring, hn::IfThenElseZero(inside, hn::Max(hn::Neg(more), zero)));
      }
    }
  }
  const auto keep = [&](int map) HWY_ATTR {
    sums.sum[map] += hn::ReduceSum(d, sum[map]);
    sums.fourth[map] += hn::ReduceSum(d, fourth[map]);
  };
  if constexpr (kStructure) keep(ssimulacra2::kStructure);
  if constexpr (kEdges) {
    keep(ssimulacra2::kRinging);
    keep(ssimulacra2::kBlurring);
  }
}

void AddMaps(const MapBatch& batch, std::size_t width, bool structure, bool edges, MapSums& sums) {
  if (structure && edges) return AddMapsOf<true, true>(batch, width, sums);
  if (structure) return AddMapsOf<true, false>(batch, width, sums);
  if (edges) return AddMapsOf<false, true>(batch, width, sums);
}

}  // namespace tintype::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tintype::simd {

HWY_EXPORT(ToXyb);
HWY_EXPORT(HalveRows);
HWY_EXPORT(BlurAcross);
HWY_EXPORT(BlurProductAcross);
HWY_EXPORT(BlurDown);
HWY_EXPORT(ToVariance);
HWY_EXPORT(AddMaps);

void to_xyb(const RgbRow& linear, const XybRow& xyb, std::size_t width) {
  HWY_DYNAMIC_DISPATCH(ToXyb)(linear, xyb, width);
}
void halve_rows(const float* upper, const float* lower, float* out, std::size_t width) {
  HWY_DYNAMIC_DISPATCH(HalveRows)(upper, lower, out, width);
}
void blur_across(const ssimulacra2::Blur& blur, const BatchIn& in, const BatchOut& out, std::size_t width) {
  HWY_DYNAMIC_DISPATCH(BlurAcross)(blur, in, out, width);
}
void blur_product_across(const ssimulacra2::Blur& blur, const BatchIn& a, const BatchIn& b, const BatchOut& out,
                         std::size_t width) {
  HWY_DYNAMIC_DISPATCH(BlurProductAcross)(blur, a, b, out, width);
}
void blur_down(const ssimulacra2::Blur& blur, const BatchIn& behind, const BatchIn& ahead, float* state,
               std::size_t state_stride, const BatchOut& out, std::size_t width) {
  HWY_DYNAMIC_DISPATCH(BlurDown)(blur, behind, ahead, state, state_stride, out, width);
}
void to_variance(const float* mean, float* square, std::size_t width) {
  HWY_DYNAMIC_DISPATCH(ToVariance)(mean, square, width);
}
void add_maps(const MapBatch& batch, std::size_t width, bool structure, bool edges, MapSums& sums) {
  HWY_DYNAMIC_DISPATCH(AddMaps)(batch, width, structure, edges, sums);
}

}  // namespace tintype::simd
#endif
