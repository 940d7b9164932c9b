#include "codec/jpeg/jpeg_ladder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "codec/colour/profile.h"
#include "codec/damage.h"
#include "codec/jpeg/jpeg_reader.h"
#include "codec/planar/upright_ladder.h"

namespace tintype {
namespace {

constexpr std::uint8_t kMissing = 0x80;  // of every component: the gray that stands for rows that never came

std::vector<PlaneSource> planes_of(const JpegReader& reader) {
  std::vector<PlaneSource> planes;
  for (int component = 0; component < reader.components(); ++component) planes.push_back(reader.plane(component));
  return planes;
}

void take_strip(const JpegReader& reader, UprightLadder& ladder) {
  for (std::size_t component = 0; component < ladder.components(); ++component) {
    const std::uint32_t count = std::min(reader.strip_rows(component), ladder.rows_left(component));
    for (std::uint32_t i = 0; i < count; ++i) ladder.push_row(component, reader.strip_row(component, i));
  }
}

void fill_missing_rows(UprightLadder& ladder, std::span<const PlaneSource> planes) {
  for (std::size_t component = 0; component < ladder.components(); ++component) {
    const std::vector<std::uint8_t> gray(planes[component].width, kMissing);
    while (ladder.rows_left(component) > 0) ladder.push_row(component, gray.data());
  }
}

// Between strips it looks for damage, so that a refused file costs no more.
Status read_all(JpegReader& reader, DamagedPolicy policy, UprightLadder& ladder) {
  while (reader.rows_read() < reader.output_height()) {
    TT_TRY(reader.read_strip());
    take_strip(reader, ladder);
    if (policy == DamagedPolicy::kRefuse) TT_TRY(reader.damage());
  }
  return {};
}

}  // namespace

bool keeps_its_samples(const JpegHeader& header, const DecodeOptions& options) {
  if (!header.is_ycc) return false;
  if (options.to_srgb && !header.icc.empty()) return false;
  if (header.icc.size() > kMaxCarriedProfileBytes) return false;
  return header.components == 3 || header.icc.empty();
}

Result<std::optional<Ladder>> decode_jpeg_ladder(ByteView file, const SourceInfo& info, const DecodeOptions& options,
                                                 std::span<const PictureSize> sizes) {
  JpegReader reader(file);
  TT_ASSIGN(JpegHeader header, reader.read_header());
  if (!keeps_its_samples(header, options)) return std::nullopt;
  if (header.width != info.width || header.height != info.height) return fail(disagreement_error("JPEG"));
  TT_TRY(reader.start_planes(choose_jpeg_scale(header, options.min_long_side_px)));
  if (options.damaged == DamagedPolicy::kRefuse) TT_TRY(reader.damage());

  Decoded decoded;  // but for its image
  std::uint8_t exif_orientation = 1;
  read_exif(header.exif, decoded.metadata, exif_orientation);
  const std::vector<PlaneSource> planes = planes_of(reader);
  UprightLadder ladder(planes, info.orientation, sizes);
  const Status read = read_all(reader, options.damaged, ladder);
  if (!read) {
    TT_TRY(tolerate(read.error(), reader.rows_read(), options.damaged, decoded));
    fill_missing_rows(ladder, planes);
  } else {
    reader.finish();
    if (const Status damage = reader.damage(); !damage)
      TT_TRY(tolerate(damage.error(), reader.rows_read(), options.damaged, decoded));
  }
  for (std::string& warning : reader.warnings()) decoded.warnings.push_back(std::move(warning));
  if (header.icc_is_broken) decoded.warnings.push_back(kBrokenJpegProfile);
  adopt_profile(std::move(header.icc), PixelOrigin::kRgb, false, decoded);

  const bool swaps = info.swaps_sides();
  const PictureSize upright{swaps ? reader.output_height() : reader.output_width(),
                            swaps ? reader.output_width() : reader.output_height()};
  std::vector<Pixels> pictures;
  for (Planes& picture : std::move(ladder).take()) pictures.emplace_back(std::move(picture));
  return Ladder{std::move(pictures), upright, std::move(decoded.metadata), std::move(decoded.warnings)};
}

}  // namespace tintype
