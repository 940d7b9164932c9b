// A picture's components as they are stored, where the FPGA's kernels can read them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/jpeg/jpeg_coefficients.h"
#include "core/base/bytes.h"
#include "kernels/hls/kernels.h"
#include "kernels/rung_geometry.h"
#include "workers/fpga/card_calls.h"

namespace tintype {

// Samples in memory as the kernels take them: rows begin at whole words.
struct WordPlane {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t stride = 0;  // words
  bool is_8_bit = false;     // else 16
  std::vector<tt_word> words;

  static WordPlane allocate(std::uint32_t width, std::uint32_t height, bool is_8_bit);
  std::span<const std::uint8_t> bytes() const;
  std::span<std::uint8_t> writable_bytes();
};

struct StoredPlane {
  PlaneSource source;
  WordPlane samples;  // 8 bits, or wide
};

// Of a JPEG's coefficients, which may be any, transformed on the card; waits for it.
Result<std::vector<StoredPlane>> stored_planes(std::span<const JpegComponent> components, ByteView coefficients,
                                               CardCalls& calls);

}  // namespace tintype
