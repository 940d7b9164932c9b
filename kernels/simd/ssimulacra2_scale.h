// SSIMULACRA 2 at one scale: an original and a candidate that stream from linear light to sums of errors, four rows a
// step. Step b reads rows 4b to 4b + 3 and ends rows 4b - 4 to 4b - 1, since the blur looks four rows ahead.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "kernels/simd/rows.h"
#include "kernels/simd/ssimulacra2_rows.h"
#include "kernels/ssimulacra2_formula.h"

namespace tintype::simd {

// Which maps of a channel are computed.
struct ChannelNeeds {
  bool structure = false;
  bool edges = false;
  bool any() const { return structure || edges; }
};
using ScaleNeeds = std::array<ChannelNeeds, ssimulacra2::kChannels>;
// Those with a weight of 0.01 or more. The lighter ones have weights of at most 0.0021; the heavy ones go up to 225.
ScaleNeeds needs_at(int scales, int scale);

struct ScaleSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  ScaleSize halved() const { return {ssimulacra2::halved(width), ssimulacra2::halved(height)}; }
  int steps() const { return static_cast<int>((height + ssimulacra2::kBlurAhead + kBatchRows - 1) / kBatchRows); }
};

// Three whole planes of linear light.
struct LinearPlanes {
  ScaleSize size;
  std::array<Rows, 3> planes;
  explicit LinearPlanes(ScaleSize s);
};

// Rows of linear light, of a picture or of planes; borrows both.
class LinearSource {
 public:
  LinearSource(const SrgbView& picture, float background);
  explicit LinearSource(const LinearPlanes& planes);

  ScaleSize size() const { return size_; }
  // Row y; stays until row y + 2 is asked for.
  RgbRow row(std::uint32_t y);

 private:
  void convert(std::uint32_t y, float* const out[3]) const;

  ScaleSize size_;
  const SrgbView* picture_ = nullptr;
  float background_ = 0;
  std::array<float, 256> opaque_{};  // linear light of a sample
  const LinearPlanes* planes_ = nullptr;
  Rows converted_;
};

// One map on its way through the blur.
class BlurStream {
 public:
  explicit BlurStream(std::uint32_t width);
  // The rows of step `step`, blurred across by one of the kernels, belong here.
  BatchOut take(int step);
  // The four rows that end at `step`, columns from x to x + width, blurred.
  void give(int step, std::uint32_t height, std::size_t x, std::size_t width, const BatchOut& out);

  const ssimulacra2::Blur& blur() const { return blur_; }

 private:
  const float* row(std::int64_t y, std::uint32_t height) const;

  ssimulacra2::Blur blur_ = ssimulacra2::make_blur();
  Rows across_, state_, zeros_;
};

// The original's side. `next` receives the next scale's linear light, if it is not null.
class OriginalScale {
 public:
  // `keep`: every row stays; else those of the current step only.
  OriginalScale(ScaleSize size, const ScaleNeeds& needs, bool keep);
  ~OriginalScale();

  void begin();
  void step(int step, LinearSource& source, LinearPlanes* next);
  // Frees what only steps need.
  void end();

  ScaleSize size() const { return size_; }
  const ScaleNeeds& needs() const { return needs_; }
  // Four rows of a channel, from `y` on; rows outside of the picture are zeros.
  BatchIn values(int channel, std::int64_t y) const;
  // The blurred value and, with structure, its variance, at row y of the picture.
  const float* mean(int channel, std::size_t y) const { return channels_[channel].mean.row(y); }
  const float* variance(int channel, std::size_t y) const { return channels_[channel].variance.row(y); }

 private:
  struct Channel {
    Rows value, mean, variance;
  };
  struct Work;

  ScaleSize size_;
  ScaleNeeds needs_;
  std::array<Channel, ssimulacra2::kChannels> channels_;
  Rows zeros_;
  std::unique_ptr<Work> work_;
};

class CandidateScale {
 public:
  CandidateScale(ScaleSize size, const ScaleNeeds& needs);
  // `original` has done the same step, or all of them and kept.
  void step(int step, LinearSource& source, LinearPlanes* next, const OriginalScale& original);
  ssimulacra2::ScaleNorms norms() const;

 private:
  struct Channel {
    explicit Channel(std::uint32_t width);
    Rows value;
    BlurStream mean, square, product;
    MapSums sums;
  };
  void compare(int step, int channel, const OriginalScale& original);

  ScaleSize size_;
  ScaleNeeds needs_;
  std::array<std::optional<Channel>, ssimulacra2::kChannels> channels_;
  Rows zeros_, blurred_;
};

}  // namespace tintype::simd
