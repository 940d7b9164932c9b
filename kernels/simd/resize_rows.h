// kernels/reference/resize_rows.h with Highway: the best instructions of the machine it runs on, the same bits.
#pragma once

#include "kernels/reference/resize_rows.h"

namespace tintype::simd {

void widen_row(const std::uint8_t* in, std::size_t samples, std::int16_t* out);
void halve_rows(const std::int16_t* upper, const std::int16_t* lower, std::size_t samples, std::int16_t* out);
void mix_rows(const std::int16_t* const* rows, const std::int16_t* weights, std::size_t count, std::size_t samples,
              std::int16_t* out);
void filter_row(const std::int16_t* in, const ResizeTaps& taps, std::uint16_t* out);
// `in` and `out` need no slack here.
void code_row(const std::uint16_t* in, std::size_t samples, SampleCode code, std::uint8_t* out);
void code_row(const std::uint16_t* in, std::size_t samples, SampleCode code, std::uint16_t* out);

}  // namespace tintype::simd
