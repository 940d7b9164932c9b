// decode_jpeg_coefficients: a JPEG with nothing but its entropy coding undone: what a device makes pictures of. Runs
// inside a sandboxed child. Everything in it came from the file and is as hostile as the file was.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec/decode.h"
#include "codec/planar/plane_ladder.h"

namespace tintype {

struct JpegComponent {
  std::uint32_t width_blocks = 0;
  std::uint32_t height_blocks = 0;
  std::uint32_t scaled_size = 8;  // 8, 4, 2 or 1: samples of a block's side at the scale that was chosen
  PlaneSource plane;              // what it becomes at that scale
  std::array<std::uint16_t, 64> quantiser{};
};

struct JpegCoefficients {
  std::vector<JpegComponent> components;  // 1 (gray) or 3
  // Of each component its blocks, row by row, 64 int16 each in rows of rising frequency, not multiplied yet.
  Bytes coefficients;
  std::uint32_t width = 0;  // of the picture at that scale, as it is stored
  std::uint32_t height = 0;
  Metadata metadata;
  std::vector<std::string> warnings;  // as in Decoded
};

// Bytes of a component's coefficients.
constexpr std::uint64_t coefficient_bytes(const JpegComponent& component) {
  return std::uint64_t{component.width_blocks} * component.height_blocks * 64 * sizeof(std::int16_t);
}

// Nothing when the file has to go another way: its colours have to change, or it is damaged (decode_ladder() then says
// how, or keeps what there is).
Result<std::optional<JpegCoefficients>> decode_jpeg_coefficients(ByteView file, const SourceInfo& info,
                                                                 const DecodeOptions& options);

}  // namespace tintype
