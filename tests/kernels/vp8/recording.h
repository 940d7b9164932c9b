// What the reference decided about a picture, macroblock by macroblock: what devices must equal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/shared/vp8/device_frame.h"
#include "kernels/vp8/frame.h"
#include "tests/kernels/vp8/planes.h"

namespace tintype::test {

struct Recording {
  std::vector<vp8::Macroblock> macroblocks;
  std::vector<std::uint8_t> segments;
  vp8::FrameTables tables;
  std::int32_t credit_share = 0;  // of kernels/vp8/mode_budget.h
  std::int32_t credit = 0;        // what a row starts with
};

Recording record(const Planes420& planes, const vp8::Settings& settings);

// Empty if they are equal, else what differs.
std::string difference(const Vp8DeviceMacroblock& made, const vp8::Macroblock& expected);

}  // namespace tintype::test
