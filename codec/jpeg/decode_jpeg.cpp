#include "codec/jpeg/decode_jpeg.h"

#include <algorithm>
#include <utility>

#include "codec/colour/cmyk.h"
#include "codec/colour/profile.h"
#include "codec/damage.h"
#include "codec/jpeg/jpeg_reader.h"
#include "codec/orient.h"

namespace tintype {
namespace {

// Rows that pass through a buffer together: enough for whole cache lines when they are turned into columns.
constexpr std::uint32_t kStripRows = 16;

// Reads all rows to where they belong. Between strips it looks for damage, so that a refused file costs no
// more.
Status read_pixels(JpegReader& reader, const CmykToRgb* cmyk, std::uint8_t orientation, DamagedPolicy policy,
                   Image& upright) {
  const std::uint32_t width = reader.output_width();
  const std::uint32_t height = reader.output_height();
  const bool direct = orientation == 1 && cmyk == nullptr;
  Image strip, cmyk_strip;
  if (!direct) strip = Image::allocate(width, kStripRows, 3);
  if (cmyk) cmyk_strip = Image::allocate(width, kStripRows, 4);
  for (std::uint32_t y = 0; y < height; y += kStripRows) {
    const std::uint32_t count = std::min(kStripRows, height - y);
    Image& target = cmyk ? cmyk_strip : strip;
    std::uint8_t* rows = direct ? upright.row(y) : target.row(0);
    TT_TRY(reader.read_rows(rows, direct ? upright.stride_bytes : target.stride_bytes, count));
    if (cmyk) cmyk->convert(cmyk_strip.row(0), strip.row(0), std::size_t{width} * count);
    if (!direct) place_rows(strip.row(0), strip.stride_bytes, y, count, orientation, upright);
    if (policy == DamagedPolicy::kRefuse) TT_TRY(reader.damage());
  }
  return {};
}

}  // namespace

Result<Decoded> decode_jpeg(ByteView file, const SourceInfo& info, const DecodeOptions& options) {
  JpegReader reader(file);
  TT_ASSIGN(JpegHeader header, reader.read_header());
  if (header.width != info.width || header.height != info.height) return fail(disagreement_error("JPEG"));
  TT_TRY(reader.start(choose_jpeg_scale(header, options.min_long_side_px)));
  if (options.damaged == DamagedPolicy::kRefuse) TT_TRY(reader.damage());

  Decoded decoded;
  Metadata& metadata = decoded.metadata;
  std::uint8_t exif_orientation = 1;
  read_exif(header.exif, metadata, exif_orientation);

  const bool swaps = info.swaps_sides();
  decoded.image = Image::allocate(swaps ? reader.output_height() : reader.output_width(),
                                  swaps ? reader.output_width() : reader.output_height(), 3);
  // Rows that never come must not show what the memory held before.
  if (options.damaged == DamagedPolicy::kKeep) fill_missing_rows(decoded.image, 0);
  std::optional<CmykToRgb> cmyk;
  if (header.is_cmyk) cmyk.emplace(header.icc);
  const Status read = read_pixels(reader, cmyk ? &*cmyk : nullptr, info.orientation, options.damaged, decoded.image);
  if (!read) {
    TT_TRY(tolerate(read.error(), reader.rows_read(), options.damaged, decoded));
  } else {
    reader.finish();
    if (const Status damage = reader.damage(); !damage)
      TT_TRY(tolerate(damage.error(), reader.rows_read(), options.damaged, decoded));
  }
  for (std::string& warning : reader.warnings()) decoded.warnings.push_back(std::move(warning));

  if (header.icc_is_broken) decoded.warnings.push_back(kBrokenJpegProfile);
  if (!header.is_cmyk) {
    const PixelOrigin origin = header.components == 1 ? PixelOrigin::kGray : PixelOrigin::kRgb;
    adopt_profile(std::move(header.icc), origin, options.to_srgb, decoded);
  } else if (!header.icc.empty() && !cmyk->uses_profile()) {
    decoded.warnings.push_back("the colour profile is left out and the plain formula used: it is not a CMYK profile");
  }
  return decoded;
}

}  // namespace tintype
