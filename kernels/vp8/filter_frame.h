// The loop filter over a whole frame, as a decoder applies it before it shows the frame.
#pragma once

#include "kernels/vp8/frame.h"
#include "kernels/vp8/frame_writer.h"
#include "kernels/vp8/segments.h"

namespace tintype::vp8 {

void filter_frame(const CodedFrame& frame, const Segments& segments, const Settings& settings, Reconstruction& planes);

}  // namespace tintype::vp8
