#include "codec/contract_encoder.h"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "codec/decode.h"
#include "codec/picture_view.h"
#include "codec/probe.h"
#include "codec/resize.h"
#include "core/quality/quarter_search.h"
#include "core/quality/size_search.h"
#include "kernels/simd/ssimulacra2.h"

namespace tintype {
namespace {

constexpr std::uint32_t kLeastMeasuredSide = 8;  // the metric's own limit
// Half a picture is worth trying from this on: below, a whole encode costs next to nothing.
constexpr std::uint32_t kLeastHalvedSide = 256;
constexpr double kHalfShare = 0.25;
// A try so far from what is asked for tells little of the scores there.
constexpr double kFarScore = 4;

double thread_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

QualityScale scale_of(Encoder encoder) {
  switch (encoder) {
    case Encoder::kLibwebp:
      return QualityScale::kLibwebp;
    case Encoder::kTintype:
      return QualityScale::kTintype;
    case Encoder::kAom:
      break;
  }
  return QualityScale::kAvif;
}

double long_side_of(const Pixels& pixels) { return std::max(width_of(pixels), height_of(pixels)); }

Planes halved(const Planes& planes) {
  Planes half = Planes::allocate(planes.width() / 2, planes.height() / 2, planes.chroma());
  for (const int plane : {0, 1, 2}) {
    const std::size_t stride = planes.plane_width(plane);
    std::uint16_t* out = half.plane(plane).data();
    for (std::uint32_t y = 0; y < half.plane_height(plane); ++y) {
      const std::uint16_t* upper = planes.plane(plane).data() + stride * (2 * y);
      const std::uint16_t* lower = 2 * y + 1 < planes.plane_height(plane) ? upper + stride : upper;
      for (std::uint32_t x = 0; x < half.plane_width(plane); ++x) {
        const std::size_t left = 2 * x, right = std::min<std::size_t>(left + 1, stride - 1);
        *out++ = static_cast<std::uint16_t>((upper[left] + upper[right] + lower[left] + lower[right] + 2) / 4);
      }
    }
  }
  return half;
}

Result<Pixels> half_of(const Pixels& picture) {
  if (const auto* planes = std::get_if<Planes>(&picture)) return halved(*planes);
  const auto& image = std::get<Image>(picture);
  TT_ASSIGN(Image half, resize(image, image.width / 2, image.height / 2));
  return half;
}

}  // namespace

// One picture that is encoded and measured at qualities that a search asks for.
class ContractEncoder::Trial {
 public:
  static Result<Trial> of(const Pixels& picture) {
    const auto* planes = std::get_if<Planes>(&picture);
    if (!planes) {
      TT_ASSIGN(auto reference, simd::Ssimulacra2Reference::prepare(view_of(std::get<Image>(picture))));
      return Trial(std::move(reference));
    }
    const Image shown = to_rgb(*planes);
    TT_ASSIGN(auto reference, simd::Ssimulacra2Reference::prepare(view_of(shown)));
    Trial trial(std::move(reference));
    if (planes->chroma() == Chroma::kFull) trial.half_chroma_ = with_half_chroma(*planes);
    return trial;
  }

  struct Tried {
    Probe probe;
    Bytes file;
    double encode_seconds = 0;
  };
  // `picture` is the one that it is of.
  Result<Tried> at(int quality, int quarters, const Pixels& picture, const EncodeOptions& request, ByteView icc,
                   ByteView exif) const {
    const double began = thread_seconds();
    EncodeOptions options = request;
    options.quality = quality;
    options.quarters = quarters;
    TT_ASSIGN(Bytes file, half_chroma_ ? tintype::encode(*half_chroma_, options, icc, exif)
                                       : tintype::encode(picture, options, icc, exif));
    const double encoded = thread_seconds();
    TT_ASSIGN(SourceInfo info, tintype::probe(file));
    info.bytes = file.size();
    TT_ASSIGN(const Decoded decoded, decode(file, info, {}));
    TT_ASSIGN(const double score, reference_.score(view_of(decoded.image)));
    const Probe probe{quality, score, file.size(), thread_seconds() - began, quarters};
    return Tried{probe, std::move(file), encoded - began};
  }

  // Keeps the picture from being freed while its trial is kept.
  void hold(std::shared_ptr<const Pixels> picture) { picture_ = std::move(picture); }
  const std::shared_ptr<const Pixels>& picture() const { return picture_; }

 private:
  explicit Trial(simd::Ssimulacra2Reference reference) : reference_(std::move(reference)) {}

  std::shared_ptr<const Pixels> picture_;
  std::optional<Planes> half_chroma_;  // what is encoded, where the picture has more colour
  simd::Ssimulacra2Reference reference_;
};

ContractEncoder::ContractEncoder() = default;
ContractEncoder::~ContractEncoder() = default;

Result<ContractEncoder::Trial*> ContractEncoder::trial_of(std::shared_ptr<const Pixels> picture) {
  if (!trial_ || trial_->picture() != picture) {
    trial_ = nullptr;
    TT_ASSIGN(Trial trial, Trial::of(*picture));
    trial.hold(std::move(picture));
    trial_ = std::make_unique<Trial>(std::move(trial));
  }
  return trial_.get();
}

Status ContractEncoder::try_half(const Pixels& picture, const ScoreRequest& request, ContractResult& result) {
  TT_ASSIGN(const Pixels half, half_of(picture));
  TT_ASSIGN(const Trial trial, Trial::of(half));
  const QualityScale scale = scale_of(request.options.encoder);
  const QualityTarget& target = request.target;
  for (const int most : {1, 2}) {
    const int quality =
        forecast_.quality_for(target.aim(), scale, long_side_of(half), target.lowest_quality, target.highest_quality);
    TT_ASSIGN(const Trial::Tried tried, trial.at(quality, 0, half, request.options, {}, {}));
    forecast_.learn({scale, long_side_of(half), quality}, tried.probe.score);
    result.share += kHalfShare;
    if (most == 2 || std::abs(tried.probe.score - target.aim()) < kFarScore) break;
  }
  return {};
}

namespace {

// Where a search kept what was told to it: the bytes of every file that it may still keep.
template <typename Tried>
Tried take(std::vector<Tried>& files, int quality, int quarters) {
  const auto found = std::ranges::find_if(
      files, [&](const Tried& tried) { return tried.probe.quality == quality && tried.probe.quarters == quarters; });
  return std::move(*found);
}

}  // namespace

Result<ScoredFile> ContractEncoder::encode(std::shared_ptr<const Pixels> picture, const ScoreRequest& request,
                                           ByteView icc, ByteView exif) {
  const QualityTarget& target = request.target;
  TT_TRY(target.validate());
  const double began = thread_seconds();
  ScoredFile made{{}, request.options, {.target = target}};
  ContractResult& result = made.result;
  if (std::min(width_of(*picture), height_of(*picture)) < kLeastMeasuredSide) {
    made.options.quality = target.highest_quality;
    TT_ASSIGN(made.bytes, tintype::encode(*picture, made.options, icc, exif));
    result.end = SearchEnd::kNotMeasured;
    result.seconds = result.encode_seconds = thread_seconds() - began;
    result.probes = {{target.highest_quality, 0, made.bytes.size(), result.seconds}};
    return made;
  }

  const QualityScale scale = scale_of(request.options.encoder);
  const double long_side = long_side_of(*picture);
  bool& knows = knows_[static_cast<std::size_t>(scale)];
  if (!knows && std::min(width_of(*picture), height_of(*picture)) >= kLeastHalvedSide)
    TT_TRY(try_half(*picture, request, result));
  knows = true;

  TT_ASSIGN(const Trial* const trial, trial_of(picture));
  QualitySearch search(target, {});
  std::vector<Trial::Tried> files;
  const auto expect = [&] {
    search.expect(forecast_.quality_for(target.aim(), scale, long_side, target.lowest_quality, target.highest_quality));
  };
  const auto run = [&](int quality, int quarters) -> Status {
    TT_ASSIGN(Trial::Tried tried, trial->at(quality, quarters, *picture, request.options, icc, exif));
    if (quarters == 0) forecast_.learn({scale, long_side, quality}, tried.probe.score);
    files.push_back(std::move(tried));
    return {};
  };
  expect();
  // A file that is too large and yet not good enough: what is good enough is larger still.
  const auto is_hopeless = [&](const Probe& probe) {
    return request.max_bytes > 0 && probe.bytes > request.max_bytes && probe.score < target.score - target.below;
  };
  while (const auto quality = search.next()) {
    TT_TRY(run(*quality, 0));
    search.tell(files.back().probe);
    if (is_hopeless(files.back().probe)) break;
    expect();
  }
  SearchOutcome outcome = search.outcome();
  if (outcome.end == SearchEnd::kBetweenSteps) {
    QuarterSearch between(target, outcome.lower, outcome.kept);
    while (std::ssize(files) < target.max_probes) {
      const auto quarters = between.next();
      if (!quarters) break;
      TT_TRY(run(outcome.lower.quality, *quarters));
      between.tell(files.back().probe);
    }
    outcome.kept = between.kept();
    if (between.reached()) outcome.end = SearchEnd::kReached;
  }
  result.end = outcome.end;
  int kept = outcome.kept.quality;
  result.quarters = outcome.kept.quarters;
  if (request.max_bytes > 0 && outcome.kept.bytes > request.max_bytes) {
    result.end = SearchEnd::kSourceSmaller;
    SizeSearch sizes(request.max_bytes);
    for (const Trial::Tried& tried : files)
      if (tried.probe.quarters == 0) sizes.tell(tried.probe);
    while (const auto quality = sizes.next()) {
      TT_TRY(run(*quality, 0));
      sizes.tell(files.back().probe);
    }
    kept = sizes.kept();
    result.quarters = 0;
  }
  for (const Trial::Tried& tried : files) result.probes.push_back(tried.probe);
  Trial::Tried file = take(files, kept, result.quarters);
  made.bytes = std::move(file.file);
  made.options.quality = kept;
  made.options.quarters = result.quarters;
  result.score = file.probe.score;
  result.encode_seconds = file.encode_seconds;
  result.seconds = thread_seconds() - began;
  return made;
}

Result<ScoredFile> ContractEncoder::encode_best(std::shared_ptr<const Pixels> picture, const ScoreRequest& request,
                                                const EncodeOptions& rival, ByteView icc, ByteView exif) {
  TT_ASSIGN(ScoredFile first, encode(picture, request, icc, exif));
  ScoreRequest other = request;
  other.options = rival;
  TT_ASSIGN(ScoredFile second, encode(std::move(picture), other, icc, exif));
  const bool pays =
      static_cast<double>(second.bytes.size()) <= (1 - kLeastSaving) * static_cast<double>(first.bytes.size());
  const bool met_alone = second.result.is_met() && !first.result.is_met();
  const bool kept_alone = first.result.is_met() && !second.result.is_met();
  ScoredFile& kept = met_alone || (pays && !kept_alone) ? second : first;
  ScoredFile& left = &kept == &first ? second : first;
  kept.result.seconds += left.result.seconds;
  kept.result.share += left.result.encodes();
  kept.result.rival_bytes = left.bytes.size();
  return std::move(kept);
}

}  // namespace tintype
