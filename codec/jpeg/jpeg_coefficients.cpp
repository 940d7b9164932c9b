#include "codec/jpeg/jpeg_coefficients.h"

#include <span>
#include <utility>

#include "codec/colour/profile.h"
#include "codec/damage.h"
#include "codec/jpeg/jpeg_ladder.h"
#include "codec/jpeg/jpeg_reader.h"

namespace tintype {
namespace {

Result<Bytes> copy_blocks(JpegReader& reader, const std::vector<JpegComponent>& components) {
  std::uint64_t bytes = 0;
  for (const JpegComponent& component : components) bytes += coefficient_bytes(component);
  Bytes all(bytes);
  auto* at = reinterpret_cast<std::int16_t*>(all.data());
  for (int i = 0; i < reader.components(); ++i) {
    const JpegComponent& component = components[static_cast<std::size_t>(i)];
    const std::size_t row_samples = std::size_t{component.width_blocks} * 64;
    for (std::uint32_t row = 0; row < component.height_blocks; ++row, at += row_samples)
      TT_TRY(reader.copy_block_row(i, row, std::span(at, row_samples)));
  }
  return all;
}

}  // namespace

Result<std::optional<JpegCoefficients>> decode_jpeg_coefficients(ByteView file, const SourceInfo& info,
                                                                 const DecodeOptions& options) {
  JpegReader reader(file);
  TT_ASSIGN(JpegHeader header, reader.read_header());
  if (!keeps_its_samples(header, options)) return std::nullopt;
  if (header.width != info.width || header.height != info.height) return fail(disagreement_error("JPEG"));
  if (!reader.read_coefficients(choose_jpeg_scale(header, options.min_long_side_px)) || !reader.damage())
    return std::nullopt;

  JpegCoefficients made;
  made.width = reader.output_width();
  made.height = reader.output_height();
  for (int i = 0; i < reader.components(); ++i) {
    const JpegReader::BlockGrid grid = reader.blocks(i);
    made.components.push_back(
        {grid.width_blocks, grid.height_blocks, grid.scaled_size, reader.plane(i), grid.quantiser});
  }
  TT_ASSIGN(made.coefficients, copy_blocks(reader, made.components));

  Decoded decoded;  // but for its image
  std::uint8_t exif_orientation = 1;
  read_exif(header.exif, decoded.metadata, exif_orientation);
  decoded.warnings = reader.warnings();
  if (header.icc_is_broken) decoded.warnings.push_back(kBrokenJpegProfile);
  adopt_profile(std::move(header.icc), PixelOrigin::kRgb, false, decoded);
  made.metadata = std::move(decoded.metadata);
  made.warnings = std::move(decoded.warnings);
  return made;
}

}  // namespace tintype
