#include "bench/contract_fit/curves.h"

#include <algorithm>
#include <cerrno>
#include <format>
#include <fstream>
#include <iterator>
#include <sstream>

#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/ladder.h"
#include "codec/picture_view.h"
#include "codec/probe.h"
#include "core/job/plan.h"
#include "kernels/simd/ssimulacra2.h"

namespace tintype::bench {
namespace {

constexpr std::uint32_t kLongSides[] = {2048, 1024, 512};
constexpr int kWebpQualities[] = {15, 30, 45, 55, 60, 65, 70, 75, 80, 84, 88, 92, 96};
constexpr int kAvifQualities[] = {10, 20, 30, 38, 44, 48, 52, 56, 60, 64, 68, 74, 80};

EncodeOptions options_of(QualityScale scale) {
  const ImageFormat format = scale == QualityScale::kAvif ? ImageFormat::kAvif : ImageFormat::kWebp;
  const Encoder encoder = scale == QualityScale::kAvif      ? Encoder::kAom
                          : scale == QualityScale::kTintype ? Encoder::kTintype
                                                            : Encoder::kLibwebp;
  return {format, encoder, 0, effort_of_class(format, JobClass::kUpload), 1};
}

Result<std::vector<Pixels>> sizes_of(const std::filesystem::path& photo) {
  std::ifstream in(photo, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  TT_ASSIGN(SourceInfo info, probe(as_bytes(bytes)));
  info.bytes = bytes.size();
  if (info.has_alpha || info.frames > 1) return fail(ErrorCode::kUnsupported, "it is no photo");
  Recipe recipe;
  for (const std::uint32_t long_side : kLongSides) {
    if (std::max(info.width, info.height) >= long_side) recipe.rungs.push_back({.long_side_px = long_side});
  }
  if (recipe.rungs.empty()) recipe.rungs.push_back({});
  TT_ASSIGN(const Plan plan, make_plan(recipe, info, {}));
  std::vector<PictureSize> sizes;
  for (const PlannedEncode& encode : plan.encodes) sizes.push_back({encode.width, encode.height, Chroma::kFull});
  const std::uint32_t least = std::max(sizes[0].width, sizes[0].height);
  TT_ASSIGN(Ladder ladder, decode_ladder(as_bytes(bytes), info, {least, DamagedPolicy::kKeep, true}, sizes));
  return std::move(ladder.pictures);
}

template <std::size_t kCount>
Result<Curve> measure(const Pixels& picture, const simd::Ssimulacra2Reference& reference, QualityScale scale,
                      const int (&qualities)[kCount]) {
  Curve curve{scale, std::max(width_of(picture), height_of(picture)), {}};
  EncodeOptions options = options_of(scale);
  for (const int quality : qualities) {
    options.quality = quality;
    TT_ASSIGN(const Bytes file, encode(picture, options, {}, {}));
    TT_ASSIGN(SourceInfo info, probe(file));
    info.bytes = file.size();
    TT_ASSIGN(const Decoded decoded, decode(file, info, {}));
    TT_ASSIGN(const double score, reference.score(view_of(decoded.image)));
    curve.points.push_back({quality, score});
  }
  return curve;
}

Status measure_size(const Pixels& picture, std::vector<Curve>& curves) {
  Image rgb;
  const auto* planes = std::get_if<Planes>(&picture);
  if (planes) rgb = to_rgb(*planes);
  TT_ASSIGN(const auto reference,
            simd::Ssimulacra2Reference::prepare(view_of(planes ? rgb : std::get<Image>(picture))));
  for (const QualityScale scale : {QualityScale::kLibwebp, QualityScale::kTintype}) {
    TT_ASSIGN(curves.emplace_back(), measure(picture, reference, scale, kWebpQualities));
  }
  TT_ASSIGN(curves.emplace_back(), measure(picture, reference, QualityScale::kAvif, kAvifQualities));
  return {};
}

constexpr const char* kNames[kQualityScales] = {"libwebp", "tintype", "avif"};

}  // namespace

double Curve::score_at(int quality) const {
  const auto right = std::find_if(points.begin() + 1, points.end() - 1,
                                  [&](const CurvePoint& point) { return point.quality >= quality; });
  const auto left = right - 1;
  const double slope = (right->score - left->score) / (right->quality - left->quality);
  return left->score + (quality - left->quality) * slope;
}

const Curve* PhotoCurves::find(QualityScale scale, std::uint32_t long_side_px) const {
  const auto found = std::ranges::find_if(
      curves, [&](const Curve& curve) { return curve.scale == scale && curve.long_side_px == long_side_px; });
  return found == curves.end() ? nullptr : &*found;
}

const char* name_of(QualityScale scale) { return kNames[static_cast<std::size_t>(scale)]; }

Result<PhotoCurves> measure_curves(const std::filesystem::path& photo) {
  PhotoCurves measured{photo.filename(), {}};
  TT_ASSIGN(const std::vector<Pixels> pictures, sizes_of(photo));
  for (const Pixels& picture : pictures) TT_TRY(measure_size(picture, measured.curves));
  return measured;
}

Status append_curves(const std::string& file, const PhotoCurves& curves) {
  std::ofstream out(file, std::ios::app);
  for (const Curve& curve : curves.curves) {
    out << std::format("{}\t{}\t{}", curves.photo, name_of(curve.scale), curve.long_side_px);
    for (const CurvePoint& point : curve.points) out << std::format("\t{}:{:.3f}", point.quality, point.score);
    out << '\n';
  }
  if (!out.flush()) return fail(error_from_errno(errno, "writing " + file));
  return {};
}

Result<std::vector<PhotoCurves>> read_curves(const std::string& file) {
  std::vector<PhotoCurves> photos;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string photo, scale, side, point;
    if (!std::getline(fields, photo, '\t') || !std::getline(fields, scale, '\t') || !std::getline(fields, side, '\t'))
      continue;
    const auto name = std::ranges::find(kNames, scale);
    if (name == std::end(kNames))
      return fail(ErrorCode::kInvalidArgument, file + " has curves of another version; remove it");
    Curve curve{static_cast<QualityScale>(name - kNames), static_cast<std::uint32_t>(std::stoul(side)), {}};
    while (std::getline(fields, point, '\t')) {
      const std::size_t colon = point.find(':');
      if (colon == std::string::npos) return fail(ErrorCode::kInvalidArgument, file + " is damaged; remove it");
      curve.points.push_back({std::stoi(point.substr(0, colon)), std::stod(point.substr(colon + 1))});
    }
    if (photos.empty() || photos.back().photo != photo) photos.push_back({photo, {}});
    photos.back().curves.push_back(std::move(curve));
  }
  return photos;
}

}  // namespace tintype::bench
