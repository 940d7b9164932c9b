// A picture to a VP8 key frame: the order of the work. What is done to pixels is the kernels'.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "kernels/vp8/frame_tables.h"
#include "kernels/vp8/macroblock.h"
#include "kernels/vp8/picture.h"
#include "kernels/vp8/put_tokens.h"

namespace tintype::vp8 {

// Where the time goes. Any number of threads.
struct Kernels {
  void (*code_macroblock)(const MacroblockInput&, const FrameTables&, Macroblock&);
  std::uint8_t (*activity)(const std::uint8_t* luma);  // segments.h
  PutTokens put_tokens;
};

// What a decoder makes of the frame: planes of whole macroblocks.
struct Reconstruction {
  std::uint32_t luma_stride = 0;  // chroma: half
  std::vector<std::uint8_t> y, u, v;
};

// kInvalidArgument: a side is 0 or over kMostSide, or a setting is out of its range. `reconstruction`: if not null, what a
// decoder will show, loop filter and all.
Result<Bytes> encode_frame(const Picture& picture, const Settings& settings, const Kernels& kernels,
                           Reconstruction* reconstruction);

}  // namespace tintype::vp8
