// vp8::Kernels with Highway: the best instructions of the machine it runs on, the same bits.
#pragma once

#include "kernels/vp8/frame_tables.h"
#include "kernels/vp8/macroblock.h"
#include "kernels/vp8/put_tokens.h"

namespace tintype::simd {

void code_vp8_macroblock(const vp8::MacroblockInput& in, const vp8::FrameTables& tables, vp8::Macroblock& out);
std::uint8_t vp8_activity(const std::uint8_t* luma);
void put_vp8_tokens(vp8::TokenStream first, vp8::TokenStream second, const std::uint8_t* probs);

}  // namespace tintype::simd
