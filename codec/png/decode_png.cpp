#include "codec/png/decode_png.h"

#include <utility>

#include "codec/colour/cicp.h"
#include "codec/colour/profile.h"
#include "codec/damage.h"
#include "codec/orient.h"
#include "codec/png/png_reader.h"

namespace tintype {
namespace {

// Pixels, then what follows them; damage as an error.
Status read_pixels(PngReader& reader, bool animated, Image& image) {
  TT_TRY(reader.read_image(image));
  TT_TRY(reader.read_end());
  if (reader.had_bad_checksum()) return fail(corrupt_error("PNG", "a checksum is wrong"));
  // The frames of an animation stand behind the first picture.
  if (animated && reader.reached_end()) return fail(truncated_error("PNG", "the animation is cut"));
  return {};
}

}  // namespace

Result<Decoded> decode_png(ByteView file, const SourceInfo& info, const DecodeOptions& options) {
  PngReader reader(file);
  const bool tolerant = options.damaged == DamagedPolicy::kKeep;
  TT_ASSIGN(const PngHeader header, reader.read_header(info.width, info.height, tolerant));
  if (header.width != info.width || header.height != info.height) return fail(disagreement_error("PNG"));

  Decoded decoded;
  Image stored = Image::allocate(header.width, header.height, header.channels);
  if (const Status read = read_pixels(reader, info.frames > 1, stored); !read) {
    TT_TRY(tolerate(read.error(), reader.rows_read(), options.damaged, decoded));
    fill_missing_rows(stored, reader.rows_read());
  } else if (reader.reached_end()) {
    decoded.warnings.push_back("the PNG's end is missing; the picture is whole");
  }
  decoded.image = make_upright(std::move(stored), info.orientation);

  PngMetadata found = reader.metadata();
  std::uint8_t exif_orientation = 1;
  read_exif(found.exif, decoded.metadata, exif_orientation);
  if (found.cicp) {
    TT_ASSIGN(found.icc, profile_from_cicp(found.cicp->primaries, found.cicp->transfer));
  }
  if (found.icc_is_broken)
    decoded.warnings.push_back("the colour profile is left out and sRGB assumed: it is not a readable ICC profile");
  if (found.gamma_is_absurd) decoded.warnings.push_back("the PNG's gamma is absurd: it is left out and sRGB assumed");
  const PixelOrigin origin = header.is_gray ? PixelOrigin::kGray : PixelOrigin::kRgb;
  adopt_profile(std::move(found.icc), origin, options.to_srgb, decoded);
  return decoded;
}

}  // namespace tintype
