#include "kernels/simd/ssimulacra2.h"

#include <algorithm>
#include <utility>

#include "kernels/simd/ssimulacra2_scale.h"
#include "kernels/ssimulacra2_formula.h"

namespace tintype::simd {
namespace {

using namespace ssimulacra2;

// How many scales must be looked at: the last ones may have no weight.
int felt_scales(int scales) {
  const auto any = [&](int scale) {
    return std::ranges::any_of(needs_at(scales, scale), [](const ChannelNeeds& needs) { return needs.any(); });
  };
  int felt = scales;
  while (felt > 0 && !any(felt - 1)) --felt;
  return felt;
}

// A picture's linear light, scale by scale: this scale's, and the next one's while it is made.
class LinearLadder {
 public:
  LinearLadder(const SrgbView& picture, float background) : source_(picture, background) {}

  LinearSource& source() { return source_; }
  // Where the next scale goes; null if there is none.
  LinearPlanes* next(bool wanted) {
    if (!wanted) return nullptr;
    return (next_ = std::make_unique<LinearPlanes>(source_.size().halved())).get();
  }
  void descend() {
    if (!next_) return;
    source_ = LinearSource(*next_);
    current_ = std::move(next_);
  }

 private:
  LinearSource source_;
  std::unique_ptr<LinearPlanes> current_, next_;
};

double score_single(const SrgbView& original, const SrgbView& candidate, float background) {
  std::vector<ScaleNorms> norms(static_cast<std::size_t>(scale_count(original.width, original.height)));
  const int scales = static_cast<int>(norms.size()), felt = felt_scales(scales);
  LinearLadder ladder1(original, background), ladder2(candidate, background);
  for (int scale = 0; scale < felt; ++scale) {
    const ScaleSize size = ladder1.source().size();
    const ScaleNeeds needs = needs_at(scales, scale);
    LinearPlanes* const next1 = ladder1.next(scale + 1 < felt);
    LinearPlanes* const next2 = ladder2.next(scale + 1 < felt);
    OriginalScale side1(size, needs, false);
    CandidateScale side2(size, needs);
    side1.begin();
    for (int step = 0; step < size.steps(); ++step) {
      side1.step(step, ladder1.source(), next1);
      side2.step(step, ladder2.source(), next2, side1);
    }
    norms[static_cast<std::size_t>(scale)] = side2.norms();
    ladder1.descend();
    ladder2.descend();
  }
  return score(norms);
}

std::vector<std::unique_ptr<OriginalScale>> prepare_scales(const SrgbView& original, float background) {
  const int scales = scale_count(original.width, original.height), felt = felt_scales(scales);
  std::vector<std::unique_ptr<OriginalScale>> prepared;
  LinearLadder ladder(original, background);
  for (int scale = 0; scale < felt; ++scale) {
    const ScaleSize size = ladder.source().size();
    LinearPlanes* const next = ladder.next(scale + 1 < felt);
    prepared.push_back(std::make_unique<OriginalScale>(size, needs_at(scales, scale), true));
    prepared.back()->begin();
    for (int step = 0; step < size.steps(); ++step) prepared.back()->step(step, ladder.source(), next);
    prepared.back()->end();
    ladder.descend();
  }
  return prepared;
}

double score_prepared(const std::vector<std::unique_ptr<OriginalScale>>& original, const SrgbView& candidate,
                      float background) {
  std::vector<ScaleNorms> norms(static_cast<std::size_t>(scale_count(candidate.width, candidate.height)));
  LinearLadder ladder(candidate, background);
  for (std::size_t scale = 0; scale < original.size(); ++scale) {
    const OriginalScale& side1 = *original[scale];
    LinearPlanes* const next = ladder.next(scale + 1 < original.size());
    CandidateScale side2(side1.size(), side1.needs());
    for (int step = 0; step < side1.size().steps(); ++step) side2.step(step, ladder.source(), next, side1);
    norms[scale] = side2.norms();
    ladder.descend();
  }
  return score(norms);
}

std::vector<float> backgrounds_for(const SrgbView& original) {
  if (original.alpha) return {kDarkBackground, kBrightBackground};
  return {kGreyBackground};
}

}  // namespace

Ssimulacra2Reference::Ssimulacra2Reference() = default;
Ssimulacra2Reference::Ssimulacra2Reference(Ssimulacra2Reference&&) noexcept = default;
Ssimulacra2Reference& Ssimulacra2Reference::operator=(Ssimulacra2Reference&&) noexcept = default;
Ssimulacra2Reference::~Ssimulacra2Reference() = default;

Result<Ssimulacra2Reference> Ssimulacra2Reference::prepare(const SrgbView& original) {
  TT_TRY(check_sizes(original, original));
  Ssimulacra2Reference reference;
  reference.size_.width = original.width;
  reference.size_.height = original.height;
  for (const float background : backgrounds_for(original)) {
    reference.originals_.push_back({background, prepare_scales(original, background)});
  }
  return reference;
}

Result<double> Ssimulacra2Reference::score(const SrgbView& candidate) const {
  TT_TRY(check_sizes(size_, candidate));
  double lowest = 100;
  for (const OnBackground& original : originals_) {
    lowest = std::min(lowest, score_prepared(original.scales, candidate, original.background));
  }
  return lowest;
}

Result<double> ssimulacra2(const SrgbView& original, const SrgbView& candidate) {
  TT_TRY(check_sizes(original, candidate));
  double lowest = 100;
  for (const float background : backgrounds_for(original)) {
    lowest = std::min(lowest, score_single(original, candidate, background));
  }
  return lowest;
}

}  // namespace tintype::simd
