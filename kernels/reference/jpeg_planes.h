// A component of a JPEG from its coefficients to samples: what every target equals bit for bit, for every coefficient
// and every quantiser, those of hostile files too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tintype {

// One component as it is stored: blocks in rows, each of 64 coefficients in rows of rising frequency (not in zigzag
// order), not yet multiplied by the quantiser.
struct JpegBlocks {
  const std::int16_t* coefficients = nullptr;
  std::uint32_t width_blocks = 0;
  std::uint32_t height_blocks = 0;
  std::span<const std::uint16_t, 64> quantiser;
};

namespace reference {

// Each block becomes scaled_size x scaled_size samples (8, 4, 2 or 1): height_blocks * scaled_size rows of
// width_blocks * scaled_size samples, `stride` apart.
void jpeg_plane(const JpegBlocks& blocks, std::uint32_t scaled_size, std::uint8_t* out, std::size_t stride);

}  // namespace reference
}  // namespace tintype
