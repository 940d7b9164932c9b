// A picture to a VP8 key frame: the order of the work. What is done to pixels is the kernels'.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "kernels/vp8/frame_tables.h"
#include "kernels/vp8/frame_writer.h"
#include "kernels/vp8/macroblock.h"
#include "kernels/vp8/mode_budget.h"
#include "kernels/vp8/picture.h"
#include "kernels/vp8/probabilities.h"
#include "kernels/vp8/put_tokens.h"
#include "kernels/vp8/segments.h"

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

// kInvalidArgument: a side is 0 or over kMostSide, or a setting is out of its range. `reconstruction`: if not null,
// what a decoder will show, loop filter and all.
Result<Bytes> encode_frame(const Picture& picture, const Settings& settings, const Kernels& kernels,
                           Reconstruction* reconstruction);

// The parts of it, for whom macroblocks are decided elsewhere, on a device: what comes before them...
struct FramePlan {
  Segments segments;
  FrameTables tables;
  Probabilities expected;  // of tokens, before any were counted
  int passes = 1;          // how often all macroblocks are decided; before each pass but the first refine() is called
};
// `activity` has that of each macroblock, in raster order (segments.h); with one segment it is not looked at. Of
// `picture` only the size is.
Result<FramePlan> plan_frame(const Picture& picture, const Settings& settings, std::span<const std::uint8_t> activity);

// ... and after, a pass. One thread.
class FrameAssembly {
 public:
  FrameAssembly(const Picture& picture, const Settings& settings, const Segments& segments);

  // The next one in raster order, with what its neighbours told it.
  void add(const Macroblock& macroblock, CodedBits above, CodedBits left);
  // After the last one.
  Result<Bytes> write(const Picture& picture, const Settings& settings, const FramePlan& plan, PutTokens put_tokens);

  ModeBudget& budget() { return budget_; }
  const CodedFrame& frame() const { return frame_; }
  const TokenCounts& counts() const { return counts_; }

 private:
  ModeBudget budget_;
  CodedFrame frame_;
  TokenCounts counts_;
  TokenList scratch_;
};

// What tokens cost is known better once those of a pass have been counted.
void refine(FramePlan& plan, const FrameAssembly& pass);

}  // namespace tintype::vp8
