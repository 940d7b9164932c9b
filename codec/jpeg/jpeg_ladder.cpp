#include "codec/jpeg/jpeg_ladder.h"

#include <algorithm>
#include <utility>

#include "codec/colour/profile.h"
#include "codec/damage.h"
#include "codec/jpeg/jpeg_reader.h"
#include "codec/planar/plane_ladder.h"
#include "codec/planar/upright_planes.h"

namespace tintype {
namespace {

constexpr std::uint8_t kMissing = 0x80;  // of every component: the gray that stands for rows that never came
constexpr std::uint16_t kNoColour = 128 << 6;

// The pictures on the way: in the file's orientation, mirrored already, but not turned.
class Pictures {
 public:
  Pictures(const JpegReader& reader, std::uint8_t orientation, std::span<const PictureSize> sizes)
      : turn_(turn_of(orientation)) {
    for (const PictureSize& size : sizes) {
      const bool swaps = turn_.swaps_sides;
      planes_.push_back(Planes::allocate(swaps ? size.height : size.width, swaps ? size.width : size.height, size.chroma));
    }
    for (int component = 0; component < reader.components(); ++component) {
      std::vector<PlaneTarget> targets;
      for (Planes& planes : planes_) {
        const bool is_half = component > 0 && planes.chroma() == Chroma::kHalf;
        targets.push_back({planes.plane(component),
                           {planes.width(), planes.height(), is_half, turn_.mirror_x, turn_.mirror_y}});
      }
      sources_.push_back(reader.plane(component));
      ladders_.emplace_back(sources_.back(), targets);
    }
    rows_.resize(sources_.size());
    if (sources_.size() > 1) return;
    for (Planes& planes : planes_)
      for (const int chroma : {1, 2}) std::ranges::fill(planes.plane(chroma), kNoColour);
  }

  void take_strip(const JpegReader& reader) {
    for (std::size_t component = 0; component < ladders_.size(); ++component) {
      const std::uint32_t count = std::min(reader.strip_rows(component), sources_[component].height - rows_[component]);
      for (std::uint32_t i = 0; i < count; ++i) ladders_[component].push_row(reader.strip_row(component, i));
      rows_[component] += count;
    }
  }

  void fill_missing_rows() {
    for (std::size_t component = 0; component < ladders_.size(); ++component) {
      const std::vector<std::uint8_t> gray(sources_[component].width, kMissing);
      for (; rows_[component] < sources_[component].height; ++rows_[component]) ladders_[component].push_row(gray.data());
    }
  }

  std::vector<Pixels> upright() && {
    std::vector<Pixels> pictures;
    for (Planes& planes : planes_)
      pictures.emplace_back(turn_.swaps_sides ? with_sides_swapped(planes) : std::move(planes));
    return pictures;
  }

 private:
  const Turn turn_;
  std::vector<Planes> planes_;
  std::vector<PlaneSource> sources_;
  std::vector<PlaneLadder> ladders_;
  std::vector<std::uint32_t> rows_;  // that came, of each component
};

// Between strips it looks for damage, so that a refused file costs no more.
Status read_all(JpegReader& reader, DamagedPolicy policy, Pictures& pictures) {
  while (reader.rows_read() < reader.output_height()) {
    TT_TRY(reader.read_strip());
    pictures.take_strip(reader);
    if (policy == DamagedPolicy::kRefuse) TT_TRY(reader.damage());
  }
  return {};
}

}  // namespace

bool keeps_its_samples(const JpegHeader& header, const DecodeOptions& options) {
  if (!header.is_ycc) return false;
  if (options.to_srgb && !header.icc.empty()) return false;
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
  Pictures pictures(reader, info.orientation, sizes);
  const Status read = read_all(reader, options.damaged, pictures);
  if (!read) {
    TT_TRY(tolerate(read.error(), reader.rows_read(), options.damaged, decoded));
    pictures.fill_missing_rows();
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
  return Ladder{std::move(pictures).upright(), upright, std::move(decoded.metadata), std::move(decoded.warnings)};
}

}  // namespace tintype
