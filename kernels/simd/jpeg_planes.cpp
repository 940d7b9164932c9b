#include "kernels/simd/jpeg_planes.h"

#include <cstring>

#include "kernels/shared/jpeg_idct.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/jpeg_planes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tintype::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The transforms of kernels/shared/jpeg_idct.h on as many lines as there are lanes: v[i] is number i of each. Additions
// and products wrap, as there.
template <class D>
struct Lines {
  using V = hn::VFromD<D>;

  static HWY_INLINE V times(V v, std::int32_t factor) { return hn::Mul(v, hn::Set(D(), factor)); }

  template <int kBits>
  static HWY_INLINE V rounded_shift(V v) {
    return hn::ShiftRight<kBits>(hn::Add(v, hn::Set(D(), 1 << (kBits - 1))));
  }

  template <int kShift>
  static HWY_INLINE void idct8(V* HWY_RESTRICT v) {
    const V rotated = times(hn::Add(v[2], v[6]), 4433);
    const V even2 = hn::Add(rotated, times(v[6], -15137));
    const V even3 = hn::Add(rotated, times(v[2], 6270));
    const V even0 = hn::ShiftLeft<TT_IDCT_BITS>(hn::Add(v[0], v[4]));
    const V even1 = hn::ShiftLeft<TT_IDCT_BITS>(hn::Sub(v[0], v[4]));
    const V outer_sum = hn::Add(even0, even3), outer_difference = hn::Sub(even0, even3);
    const V inner_sum = hn::Add(even1, even2), inner_difference = hn::Sub(even1, even2);

    const V sum73 = hn::Add(v[7], v[3]), sum51 = hn::Add(v[5], v[1]);
    const V both = times(hn::Add(sum73, sum51), 9633);
    const V far_pair = times(hn::Add(v[7], v[1]), -7373);
    const V near_pair = times(hn::Add(v[5], v[3]), -20995);
    const V lower = hn::Add(times(sum73, -16069), both);
    const V upper = hn::Add(times(sum51, -3196), both);
    const V odd0 = hn::Add(times(v[7], 2446), hn::Add(far_pair, lower));
    const V odd1 = hn::Add(times(v[5], 16819), hn::Add(near_pair, upper));
    const V odd2 = hn::Add(times(v[3], 25172), hn::Add(near_pair, lower));
    const V odd3 = hn::Add(times(v[1], 12299), hn::Add(far_pair, upper));

    v[0] = rounded_shift<kShift>(hn::Add(outer_sum, odd3));
    v[7] = rounded_shift<kShift>(hn::Sub(outer_sum, odd3));
    v[1] = rounded_shift<kShift>(hn::Add(inner_sum, odd2));
    v[6] = rounded_shift<kShift>(hn::Sub(inner_sum, odd2));
    v[2] = rounded_shift<kShift>(hn::Add(inner_difference, odd1));
    v[5] = rounded_shift<kShift>(hn::Sub(inner_difference, odd1));
    v[3] = rounded_shift<kShift>(hn::Add(outer_difference, odd0));
    v[4] = rounded_shift<kShift>(hn::Sub(outer_difference, odd0));
  }

  template <int kShift>
  static HWY_INLINE void idct4(V* HWY_RESTRICT v) {
    const V direct = hn::ShiftLeft<TT_IDCT_BITS + 1>(v[0]);
    const V even = hn::Add(times(v[2], 15137), times(v[6], -6270));
    const V odd_inner =
        hn::Add(hn::Add(times(v[7], -1730), times(v[5], 11893)), hn::Add(times(v[3], -17799), times(v[1], 8697)));
    const V odd_outer =
        hn::Add(hn::Add(times(v[7], -4176), times(v[5], -4926)), hn::Add(times(v[3], 7373), times(v[1], 20995)));
    const V outer = hn::Add(direct, even), inner = hn::Sub(direct, even);
    v[0] = rounded_shift<kShift + 1>(hn::Add(outer, odd_outer));
    v[3] = rounded_shift<kShift + 1>(hn::Sub(outer, odd_outer));
    v[1] = rounded_shift<kShift + 1>(hn::Add(inner, odd_inner));
    v[2] = rounded_shift<kShift + 1>(hn::Sub(inner, odd_inner));
  }

  template <int kShift>
  static HWY_INLINE void idct2(V* HWY_RESTRICT v) {
    const V direct = hn::ShiftLeft<TT_IDCT_BITS + 2>(v[0]);
    const V odd =
        hn::Add(hn::Add(times(v[7], -5906), times(v[5], 6967)), hn::Add(times(v[3], -10426), times(v[1], 29692)));
    v[0] = rounded_shift<kShift + 2>(hn::Add(direct, odd));
    v[1] = rounded_shift<kShift + 2>(hn::Sub(direct, odd));
  }

  template <std::uint32_t kSize, int kShift>
  static HWY_INLINE void idct(V* HWY_RESTRICT v) {
    if constexpr (kSize == 8) idct8<kShift>(v);
    if constexpr (kSize == 4) idct4<kShift>(v);
    if constexpr (kSize == 2) idct2<kShift>(v);
  }
};

// Half of a block with its columns done: column by column, four rows of it.
using Turned = std::int32_t[8][4];

// The eight columns of a block, dequantised and transformed: as many at once as there are lanes. Of a transform to two
// samples the other rows of `upper` mean nothing.
template <std::uint32_t kSize>
HWY_INLINE void TransformColumns(const std::int16_t* HWY_RESTRICT coefficients,
                                 const std::int32_t* HWY_RESTRICT quantiser, Turned& upper, Turned& lower) {
  const hn::CappedTag<std::int32_t, 8> d;
  const hn::Rebind<std::int16_t, decltype(d)> d16;
  for (std::size_t x = 0; x < 8; x += hn::Lanes(d)) {
    hn::VFromD<decltype(d)> v[8];
    for (std::size_t y = 0; y < 8; ++y)
      v[y] = hn::Mul(hn::PromoteTo(d, hn::LoadU(d16, coefficients + 8 * y + x)), hn::Load(d, quantiser + 8 * y + x));
    Lines<decltype(d)>::template idct<kSize, TT_IDCT_COLUMN_SHIFT>(v);
    hn::StoreInterleaved4(v[0], v[1], v[2], v[3], d, upper[x]);
    if constexpr (kSize == 8) hn::StoreInterleaved4(v[4], v[5], v[6], v[7], d, lower[x]);
  }
}

// As many rows of a block as there are lanes, to samples of `out` and the rows below it.
template <std::uint32_t kSize, class D, class V = hn::VFromD<D>>
HWY_INLINE void TransformRows(D d, V* HWY_RESTRICT v, std::uint8_t* HWY_RESTRICT out, std::size_t stride) {
  const hn::Rebind<std::uint8_t, D> d8;
  Lines<D>::template idct<kSize, TT_IDCT_ROW_SHIFT>(v);
  const auto sample = [&](V value) HWY_ATTR { return hn::DemoteTo(d8, hn::Add(value, hn::Set(d, 128))); };
  HWY_ALIGN std::uint8_t quarters[kSize / 4][hn::MaxLanes(D())][4];  // columns by four, row by row
  for (std::size_t i = 0; i < kSize / 4; ++i)
    hn::StoreInterleaved4(sample(v[4 * i]), sample(v[4 * i + 1]), sample(v[4 * i + 2]), sample(v[4 * i + 3]), d8,
                          quarters[i][0]);
  for (std::size_t y = 0; y < hn::MaxLanes(D()); ++y)
    for (std::size_t i = 0; i < kSize / 4; ++i) std::memcpy(out + y * stride + 4 * i, quarters[i][y], 4);
}

template <std::uint32_t kSize>
HWY_INLINE void BlockToSamples(const std::int16_t* HWY_RESTRICT coefficients,
                               const std::int32_t* HWY_RESTRICT quantiser, std::uint8_t* HWY_RESTRICT out,
                               std::size_t stride) {
  HWY_ALIGN Turned upper, lower;
  TransformColumns<kSize>(coefficients, quantiser, upper, lower);
  const hn::FixedTag<std::int32_t, 4> quad;
  hn::VFromD<decltype(quad)> four[8];
  if constexpr (kSize == 2) {
    for (std::size_t y = 0; y < 2; ++y) {
      tt_i32 row[8];
      for (std::size_t x = 0; x < 8; ++x) row[x] = upper[x][y];
      tt_idct2(row, TT_IDCT_ROW_SHIFT);
      for (std::size_t x = 0; x < 2; ++x) out[y * stride + x] = tt_jpeg_sample(row[x]);
    }
  } else if constexpr (kSize == 8 && hn::MaxLanes(hn::CappedTag<std::int32_t, 8>()) == 8) {
    const hn::CappedTag<std::int32_t, 8> d;
    hn::VFromD<decltype(d)> rows[8];
    for (std::size_t x = 0; x < 8; ++x) rows[x] = hn::Combine(d, hn::Load(quad, lower[x]), hn::Load(quad, upper[x]));
    TransformRows<kSize>(d, rows, out, stride);
  } else {
    for (std::size_t x = 0; x < 8; ++x) four[x] = hn::Load(quad, upper[x]);
    TransformRows<kSize>(quad, four, out, stride);
    if constexpr (kSize == 8) {
      for (std::size_t x = 0; x < 8; ++x) four[x] = hn::Load(quad, lower[x]);
      TransformRows<kSize>(quad, four, out + 4 * stride, stride);
    }
  }
}

template <std::uint32_t kSize>
HWY_INLINE void PlaneOf(const JpegBlocks& blocks, std::uint8_t* out, std::size_t stride) {
  HWY_ALIGN std::int32_t quantiser[64];
  for (std::size_t i = 0; i < 64; ++i) quantiser[i] = blocks.quantiser[i];
  const std::int16_t* coefficients = blocks.coefficients;
  for (std::size_t y = 0; y < blocks.height_blocks; ++y)
    for (std::size_t x = 0; x < blocks.width_blocks; ++x, coefficients += 64)
      BlockToSamples<kSize>(coefficients, quantiser, out + (y * stride + x) * kSize, stride);
}

void JpegPlane(const JpegBlocks& blocks, std::uint32_t scaled_size, std::uint8_t* out, std::size_t stride) {
  if (scaled_size == 8) return PlaneOf<8>(blocks, out, stride);
  if (scaled_size == 4) return PlaneOf<4>(blocks, out, stride);
  if (scaled_size == 2) return PlaneOf<2>(blocks, out, stride);
  // A multiplication a block is all that there is to it.
  reference::jpeg_plane(blocks, scaled_size, out, stride);
}

}  // namespace tintype::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tintype {

HWY_EXPORT(JpegPlane);

namespace simd {

void jpeg_plane(const JpegBlocks& blocks, std::uint32_t scaled_size, std::uint8_t* out, std::size_t stride) {
  HWY_DYNAMIC_DISPATCH(JpegPlane)(blocks, scaled_size, out, stride);
}

}  // namespace simd
}  // namespace tintype
#endif
