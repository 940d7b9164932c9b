// LadderPlan: what a device does to turn a JPEG's coefficients into pictures of several sizes, and where in its memory
// everything lies. Pure: nothing here knows OpenCL. The pictures equal decode_ladder()'s, sample for sample.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "codec/jpeg/jpeg_coefficients.h"
#include "codec/ladder.h"

namespace tintype {

// Places are bytes from the start of the arena, or, of coefficients, from the start of what the child handed over.
struct IdctStep {
  std::uint64_t coefficients_at = 0;
  std::uint64_t quantiser_at = 0;  // 64 uint16
  std::uint64_t out_at = 0;
  std::uint32_t width_blocks = 0;
  std::uint32_t height_blocks = 0;
  std::uint32_t scaled_size = 0;
};

// A plane as input: 8 bits a sample as decoded, or wide ones as halved.
struct LevelPlace {
  std::uint64_t at = 0;
  bool is_8_bit = false;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t stride = 0;  // samples
};

struct HalveStep {
  LevelPlace in;
  LevelPlace out;
};

// Where resize taps lie: `first` as uint32, weights as int16.
struct TapsPlace {
  std::uint64_t first_at = 0;
  std::uint64_t weights_at = 0;
  std::uint32_t taps = 0;
  std::uint32_t weights_stride = 0;
};

struct ResampleStep {
  LevelPlace in;
  TapsPlace down;
  TapsPlace across;
  std::uint64_t mixed_at = 0;  // in.width x out_height mixed samples on the way
  std::uint64_t out_at = 0;    // fine samples
  std::uint32_t out_width = 0;
  std::uint32_t out_height = 0;
};

struct SwapSidesStep {
  std::uint64_t in_at = 0;
  std::uint32_t in_width = 0;
  std::uint32_t in_height = 0;
  std::uint64_t out_at = 0;
};

struct FillStep {
  std::uint64_t at = 0;
  std::uint64_t samples = 0;
  std::uint16_t value = 0;
};

using LadderStep = std::variant<IdctStep, HalveStep, ResampleStep, SwapSidesStep, FillStep>;

// A picture's three planes of fine samples after each other without gaps, as codec/planes.h has them.
struct PicturePlace {
  PictureSize size;
  std::uint64_t at = 0;
  std::uint64_t bytes = 0;
};

struct LadderPlan {
  Bytes tables;  // to be written to the arena's start: quantisers and taps
  std::uint64_t arena_bytes = 0;
  std::vector<LadderStep> steps;  // each needs only what those before it made
  std::vector<PicturePlace> pictures;
};

// `components` as decode_jpeg_coefficients() gives them, `sizes` as decode_ladder() takes them, `orientation` 1..8.
LadderPlan plan_ladder(std::span<const JpegComponent> components, std::uint8_t orientation,
                       std::span<const PictureSize> sizes);

}  // namespace tintype
