// The steps of resizing a plane, a row at a time: the specification that kernels/simd equals bit for bit.
//
// Samples on the way are fixed point: "wide" ones are the 8-bit value times 128 in int16 (0..32640), "mixed" ones the
// value times 64 in int16, with the filter's overshoot, and "fine" ones the value times 64 in uint16, clamped to
// 0..16320. Every row handed in or out, wide, mixed or fine, has room for kRowSlack samples behind its last: kernels
// may read and write there, and what is there means nothing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/resize_taps.h"

namespace tintype {

inline constexpr std::size_t kRowSlack = 64;
inline constexpr int kFineBits = 6;
inline constexpr std::uint16_t kFineMax = 255 << kFineBits;

// Fine samples to a file's own numbers: (sample * scale + bias) >> kCodeShift, exact in 32 bits.
struct SampleCode {
  std::uint32_t scale = 0;
  std::uint32_t bias = 0;
};
inline constexpr int kCodeShift = 22;
// 8 bits, BT.601: what libwebp takes (luma 16..235, chroma 16..240 around 128).
inline constexpr SampleCode kVideoLuma{56284, (16u << kCodeShift) + (1u << (kCodeShift - 1))};
inline constexpr SampleCode kVideoChroma{
    57569, (128u << kCodeShift) - (128u << kFineBits) * 57569u + (1u << (kCodeShift - 1))};
// 8 and 10 bits, full range, luma and chroma alike.
inline constexpr SampleCode kFull8{65536, 1u << (kCodeShift - 1)};
inline constexpr SampleCode kFull10{262915, 1u << (kCodeShift - 1)};

namespace reference {

// 8 bits to wide.
void widen_row(const std::uint8_t* in, std::size_t samples, std::int16_t* out);

// Two wide rows of 2 * `samples` to one of `samples`: means of four, each of the two steps rounding up at one half.
void halve_rows(const std::int16_t* upper, const std::int16_t* lower, std::size_t samples, std::int16_t* out);

// `count` wide rows, each times its weight, rounded to nearest (half up) before they are added: one mixed row.
void mix_rows(const std::int16_t* const* rows, const std::int16_t* weights, std::size_t count, std::size_t samples,
              std::int16_t* out);

// A mixed row through horizontal taps: taps.out_samples fine samples.
void filter_row(const std::int16_t* in, const ResizeTaps& taps, std::uint16_t* out);

void code_row(const std::uint16_t* in, std::size_t samples, SampleCode code, std::uint8_t* out);
void code_row(const std::uint16_t* in, std::size_t samples, SampleCode code, std::uint16_t* out);

}  // namespace reference
}  // namespace tintype
