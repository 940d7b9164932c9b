// EngineLadder: what a task asks of a device that takes coefficients, as the pictures to make and who reads them. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/encode.h"
#include "codec/ladder.h"
#include "workers/coefficient_picture.h"
#include "workers/device/device_engine.h"

namespace tintype {

struct EngineLadder {
  CoefficientPicture source;  // in the input's memory
  std::uint8_t orientation = 1;
  std::size_t reconstruct_step = 0;
  std::vector<PictureSize> sizes;              // each once, upright
  std::vector<std::uint32_t> picture_of_step;  // which of the sizes a step makes, or, of an encode, reads
};

// kInvalidArgument: a task that device abilities exclude; kCorruptData: its coefficients are none.
Result<EngineLadder> plan_engine_ladder(const EngineTask& task);

EncodeOptions options_of(const EncodeStep& step);

// A WebP of Encoder::kTintype as a step's result.
EncodedFile finished_file(const EncodeStep& step, Bytes webp, std::string thumbhash);

}  // namespace tintype
