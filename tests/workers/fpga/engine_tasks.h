// Tasks for a device's engine, and whether what came of them is what the CPU makes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "codec/jpeg/jpeg_coefficients.h"
#include "workers/device/device_engine.h"
#include "workers/shared_memory.h"

namespace tintype::testing {

// A JPEG's coefficients to pictures of 1/divisor of its size, each a WebP of another effort; the last one's planes are
// kept.
class PhotoTask {
 public:
  // `stored`: the JPEG's own size.
  PhotoTask(const JpegCoefficients& jpeg, std::uint32_t stored_width, std::uint32_t stored_height,
            std::uint8_t orientation, std::vector<std::uint32_t> divisors);

  EngineTask view() const { return {steps_, inputs_, keep_}; }
  // Empty if these are the CPU's results, byte for byte; else where they first differ.
  std::string difference(const std::vector<EngineStepResult>& made) const;

 private:
  Mapping memory_;
  std::vector<EngineInput> inputs_;
  std::vector<Step> steps_;
  std::vector<std::uint32_t> keep_;
};

// Made up by rule, about 200 x 140 px.
PhotoTask small_task(std::uint32_t seed, std::uint8_t orientation = 1);

}  // namespace tintype::testing
