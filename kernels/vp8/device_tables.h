// A frame's tables as devices take them (kernels/shared/vp8/device_frame.h).
#pragma once

#include "kernels/shared/vp8/device_frame.h"
#include "kernels/vp8/frame_tables.h"

namespace tintype {

Vp8DeviceTables device_tables(const vp8::FrameTables& tables);

}  // namespace tintype
