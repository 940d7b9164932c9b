// The decision about one VP8 macroblock in plain C++: the specification that kernels/simd equals bit for bit.
#pragma once

#include "kernels/vp8/frame_tables.h"
#include "kernels/vp8/macroblock.h"

namespace tintype::reference {

void code_vp8_macroblock(const vp8::MacroblockInput& in, const vp8::FrameTables& tables, vp8::Macroblock& out);

}  // namespace tintype::reference
