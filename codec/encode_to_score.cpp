#include "codec/encode_to_score.h"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <utility>

#include "codec/decode.h"
#include "codec/picture_view.h"
#include "codec/probe.h"
#include "core/quality/sample_tiles.h"
#include "kernels/simd/ssimulacra2.h"

namespace tintype {
namespace {

// Where photos are on an encoder's scale for score 70, and how steep the scale is there. Only the sample's first try
// depends on it.
QualityStart typical_start(ImageFormat format, double score) {
  const double slope = format == ImageFormat::kAvif ? 0.75 : 0.65;
  const double quality = (format == ImageFormat::kAvif ? 52 : 75) + (score - 70) / slope;
  return {static_cast<int>(quality), slope};
}

double thread_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

Image sample_of(const Image& image, const SamplePlan& plan) {
  constexpr std::uint32_t kSide = SamplePlan::kTileSide;
  Image sample = Image::allocate(plan.width(), plan.height(), image.channels);
  const std::size_t row_bytes = std::size_t{kSide} * image.channels;
  for (std::uint32_t i = 0; i < plan.tiles.size(); ++i) {
    const std::uint32_t left = i % plan.columns * kSide, top = i / plan.columns * kSide;
    for (std::uint32_t y = 0; y < kSide; ++y) {
      std::memcpy(sample.row(top + y) + std::size_t{left} * image.channels,
                  image.row(plan.tiles[i].y + y) + std::size_t{plan.tiles[i].x} * image.channels, row_bytes);
    }
  }
  return sample;
}

// One picture that is encoded and measured at qualities that a search asks for.
class Trial {
 public:
  static Result<Trial> of(const Image& image, const EncodeOptions& options) {
    TT_ASSIGN(auto reference, simd::Ssimulacra2Reference::prepare(view_of(image)));
    return Trial(image, options, std::move(reference));
  }

  struct Tried {
    Probe probe;
    Bytes file;
    double encode_seconds = 0;
  };
  Result<Tried> at(int quality, ByteView icc, ByteView exif) {
    const double began = thread_seconds();
    EncodeOptions options = options_;
    options.quality = quality;
    TT_ASSIGN(Bytes file, encode(*image_, options, icc, exif));
    const double encoded = thread_seconds();
    TT_ASSIGN(SourceInfo info, probe(file));
    info.bytes = file.size();
    TT_ASSIGN(const Decoded decoded, decode(file, info, {}));
    TT_ASSIGN(const double score, reference_.score(view_of(decoded.image)));
    const Probe probe{quality, score, file.size(), thread_seconds() - began};
    return Tried{probe, std::move(file), encoded - began};
  }

 private:
  Trial(const Image& image, const EncodeOptions& options, simd::Ssimulacra2Reference reference)
      : image_(&image), options_(options), reference_(std::move(reference)) {}

  const Image* image_;
  EncodeOptions options_;
  simd::Ssimulacra2Reference reference_;
};

// The slope that two or more probes show; else what was thought before.
double slope_of(const std::vector<Probe>& probes, double otherwise) {
  const auto [low, high] = std::ranges::minmax(probes, {}, &Probe::quality);
  return high.quality > low.quality ? (high.score - low.score) / (high.quality - low.quality) : otherwise;
}

Result<QualityStart> start_from_sample(const Image& sample, const EncodeOptions& options, const QualityTarget& target,
                                       const QualityStart& typical, std::vector<Probe>& probes) {
  TT_ASSIGN(Trial trial, Trial::of(sample, options));
  // A sample is not the picture: a point or two is as near as it can tell.
  QualityTarget near = target;
  near.score = target.aim();
  near.below = near.above = 1;
  near.max_probes = 3;
  QualitySearch search(near, typical);
  while (const auto quality = search.next()) {
    TT_ASSIGN(const auto tried, trial.at(*quality, {}, {}));
    search.tell(tried.probe);
  }
  probes = search.probes();
  const Probe& closest = *std::ranges::min_element(
      probes, {}, [&](const Probe& probe) { return std::abs(probe.score - target.aim()); });
  const double slope = std::clamp(slope_of(probes, typical.slope), 0.2, 2.0);
  return QualityStart{closest.quality + static_cast<int>(std::lround((target.aim() - closest.score) / slope)), slope};
}

}  // namespace

double ScoredFile::encodes() const {
  return static_cast<double>(probes.size()) + sample_share * static_cast<double>(sample_probes.size());
}

Result<ScoredFile> encode_to_score(const Image& image, const EncodeOptions& options, const QualityTarget& target,
                                   ByteView icc, ByteView exif) {
  TT_TRY(target.validate());
  const double began = thread_seconds();
  ScoredFile made;
  if (std::min(image.width, image.height) < 8) {
    EncodeOptions best = options;
    best.quality = target.highest_quality;
    TT_ASSIGN(made.bytes, encode(image, best, icc, exif));
    made.outcome = {SearchEnd::kOutOfProbes, {best.quality, 0, made.bytes.size(), thread_seconds() - began}};
    made.probes = {made.outcome.kept};
    made.encode_seconds = made.seconds = made.outcome.kept.seconds;
    return made;
  }

  QualityStart start = typical_start(options.format, target.aim());
  if (const SamplePlan plan = plan_sample(image.width, image.height); !plan.tiles.empty()) {
    made.sample_share = double(plan.width()) * plan.height() / (double(image.width) * image.height);
    TT_ASSIGN(start, start_from_sample(sample_of(image, plan), options, target, start, made.sample_probes));
  }
  TT_ASSIGN(Trial trial, Trial::of(image, options));
  QualitySearch search(target, start);
  std::map<int, Trial::Tried> files;
  while (const auto quality = search.next()) {
    TT_ASSIGN(Trial::Tried tried, trial.at(*quality, icc, exif));
    search.tell(tried.probe);
    // At most two files may still be kept: the best that is too low, the worst that is too good.
    files.insert_or_assign(*quality, std::move(tried));
  }
  made.outcome = search.outcome();
  made.probes = search.probes();
  Trial::Tried& kept = files.at(made.outcome.kept.quality);
  made.bytes = std::move(kept.file);
  made.encode_seconds = kept.encode_seconds;
  made.seconds = thread_seconds() - began;
  return made;
}

}  // namespace tintype
