// kernels/reference/vp8_macroblock.h with Highway: the best instructions of the machine it runs on, the same bits.
#pragma once

#include "kernels/vp8/frame_tables.h"
#include "kernels/vp8/macroblock.h"

namespace tintype::simd {

void code_vp8_macroblock(const vp8::MacroblockInput& in, const vp8::FrameTables& tables, vp8::Macroblock& out);

}  // namespace tintype::simd
