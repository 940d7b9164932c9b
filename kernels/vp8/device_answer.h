// What a device answered of a frame's macroblocks, as a frame's assembly. A device may be broken: nothing is believed
// that does not fit the rest of its answer.
#pragma once

#include <span>

#include "kernels/shared/vp8/device_frame.h"
#include "kernels/vp8/frame.h"

namespace tintype::vp8 {

// One pass of `plan`: `answered` has each macroblock, in raster order. Of `picture` only the size is looked at.
// kWorkerLied: an answer that no encoder gives, or that contradicts itself.
Result<FrameAssembly> assemble_answer(const Picture& picture, const Settings& settings, const FramePlan& plan,
                                      std::span<const Vp8DeviceMacroblock> answered);

}  // namespace tintype::vp8
