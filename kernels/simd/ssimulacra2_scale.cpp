#include "kernels/simd/ssimulacra2_scale.h"

#include <cmath>

namespace tintype::simd {
namespace {

using namespace ssimulacra2;

constexpr double kLeastFeltWeight = 0.01;
constexpr std::size_t kRing = 16;        // rows blurred across that are kept: 6 behind, 4 ahead, 4 at once
constexpr std::size_t kValueRing = 8;    // this step's rows and those that end at it
constexpr std::size_t kTileWidth = 256;  // columns whose blurred rows stay in the first-level cache

// Reads the rows of a step: XYB of each goes where `out(channel, y)` says, null for a channel that is not wanted.
template <typename Out>
void read_step(int step, LinearSource& source, LinearPlanes* next, Out out) {
  const ScaleSize size = source.size();
  RgbRow upper{};
  for (std::uint32_t y = static_cast<std::uint32_t>(step * kBatchRows), end = std::min(y + kBatchRows, size.height);
       y < end; ++y) {
    const RgbRow row = source.row(y);
    to_xyb(row, {{out(0, y), out(1, y), out(2, y)}}, size.width);
    if (!next) continue;
    if (y % 2 == 0) upper = row;
    if (y % 2 == 1 || y + 1 == size.height) {
      for (int c = 0; c < 3; ++c) halve_rows(upper.of[c], row.of[c], next->planes[c].row(y / 2), size.width);
    }
  }
}

bool is_inside(std::int64_t y, ScaleSize size) { return y >= 0 && y < size.height; }

BatchIn batch_of(const Rows& rows, const Rows& zeros, std::int64_t y, ScaleSize size) {
  BatchIn batch{};
  for (int k = 0; k < kBatchRows; ++k) {
    batch.row[k] = is_inside(y + k, size) ? rows.row(static_cast<std::size_t>(y + k)) : zeros.row(0);
  }
  return batch;
}

}  // namespace

ScaleNeeds needs_at(int scales, int scale) {
  ScaleNeeds needs;
  for (int channel = 0; channel < kChannels; ++channel) {
    const auto felt = [&](Map map) {
      return weight(scales, channel, scale, false, map) >= kLeastFeltWeight ||
             weight(scales, channel, scale, true, map) >= kLeastFeltWeight;
    };
    needs[channel] = {felt(kStructure), felt(kRinging) || felt(kBlurring)};
  }
  return needs;
}

LinearPlanes::LinearPlanes(ScaleSize s) : size(s) {
  for (Rows& plane : planes) plane = Rows(s.width, s.height);
}

LinearSource::LinearSource(const SrgbView& picture, float background)
    : size_{picture.width, picture.height}, picture_(&picture), background_(background), converted_(picture.width, 6) {
  for (int i = 0; i < 256; ++i) opaque_[i] = linear_from_srgb(blend(static_cast<std::uint8_t>(i), 255, background));
}

LinearSource::LinearSource(const LinearPlanes& planes) : size_(planes.size), planes_(&planes) {}

RgbRow LinearSource::row(std::uint32_t y) {
  if (planes_) return {{planes_->planes[0].row(y), planes_->planes[1].row(y), planes_->planes[2].row(y)}};
  float* const out[] = {converted_.row(y % 2 * 3), converted_.row(y % 2 * 3 + 1), converted_.row(y % 2 * 3 + 2)};
  convert(y, out);
  return {{out[0], out[1], out[2]}};
}

void LinearSource::convert(std::uint32_t y, float* const out[3]) const {
  const std::size_t begin = y * picture_->stride_bytes, step = picture_->step_bytes;
  const std::uint8_t* const red = picture_->red + begin;
  const std::uint8_t* const green = picture_->green + begin;
  const std::uint8_t* const blue = picture_->blue + begin;
  for (std::size_t x = 0; x < size_.width; ++x) {
    out[0][x] = opaque_[red[x * step]];
    out[1][x] = opaque_[green[x * step]];
    out[2][x] = opaque_[blue[x * step]];
  }
  if (!picture_->alpha) return;
  for (std::size_t x = 0; x < size_.width; ++x) {
    const std::uint8_t alpha = picture_->alpha[begin + x * step];
    if (alpha == 255) continue;
    out[0][x] = linear_from_srgb(blend(red[x * step], alpha, background_));
    out[1][x] = linear_from_srgb(blend(green[x * step], alpha, background_));
    out[2][x] = linear_from_srgb(blend(blue[x * step], alpha, background_));
  }
}

BlurStream::BlurStream(std::uint32_t width) : across_(width, kRing), state_(width, kColumnState), zeros_(width, 1) {
  state_.clear();
  zeros_.clear();
}

BatchOut BlurStream::take(int step) {
  BatchOut out{};
  for (int k = 0; k < kBatchRows; ++k) out.row[k] = across_.row(static_cast<std::size_t>(step * kBatchRows + k));
  return out;
}

const float* BlurStream::row(std::int64_t y, std::uint32_t height) const {
  return y >= 0 && y < height ? across_.row(static_cast<std::size_t>(y)) : zeros_.row(0);
}

void BlurStream::give(int step, std::uint32_t height, std::size_t x, std::size_t width, const BatchOut& out) {
  BatchIn behind{}, ahead{};
  for (int k = 0; k < kBatchRows; ++k) {
    const std::int64_t y = std::int64_t{step - 1} * kBatchRows + k;
    behind.row[k] = row(y - kBlurBehind, height) + x;
    ahead.row[k] = row(y + kBlurAhead, height) + x;
  }
  blur_down(blur_, behind, ahead, state_.row(0) + x, state_.stride(), out, width);
}

struct OriginalScale::Work {
  struct Channel {
    BlurStream mean, square;
    explicit Channel(std::uint32_t width) : mean(width), square(width) {}
  };
  std::array<std::optional<Channel>, kChannels> channels;
  Rows spare;  // takes rows that are outside of the picture
};

OriginalScale::OriginalScale(ScaleSize size, const ScaleNeeds& needs, bool keep)
    : size_(size), needs_(needs), zeros_(size.width, 1) {
  zeros_.clear();
  for (int c = 0; c < kChannels; ++c) {
    if (!needs_[c].any()) continue;
    channels_[c].value = Rows(size.width, keep ? size.height : kValueRing);
    channels_[c].mean = Rows(size.width, keep ? size.height : kBatchRows);
    if (needs_[c].structure) channels_[c].variance = Rows(size.width, keep ? size.height : kBatchRows);
  }
}

OriginalScale::~OriginalScale() = default;

void OriginalScale::begin() {
  work_ = std::make_unique<Work>();
  work_->spare = Rows(size_.width, kBatchRows);
  for (int c = 0; c < kChannels; ++c) {
    if (needs_[c].any()) work_->channels[c].emplace(size_.width);
  }
}

void OriginalScale::end() { work_.reset(); }

BatchIn OriginalScale::values(int channel, std::int64_t y) const {
  return batch_of(channels_[channel].value, zeros_, y, size_);
}

void OriginalScale::step(int step, LinearSource& source, LinearPlanes* next) {
  read_step(step, source, next, [&](int c, std::uint32_t y) -> float* {
    if (needs_[c].any()) return channels_[c].value.row(y);
    return c == 1 ? work_->spare.row(0) : nullptr;  // to_xyb always writes Y
  });
  const std::int64_t begin = std::int64_t{step} * kBatchRows, ended = begin - kBatchRows;
  for (int c = 0; c < kChannels; ++c) {
    if (!needs_[c].any()) continue;
    const BatchIn value = values(c, begin);
    BlurStream& mean = work_->channels[c]->mean;
    BlurStream& square = work_->channels[c]->square;
    const auto rows_of = [&](Rows& rows) {
      BatchOut out{};
      for (int k = 0; k < kBatchRows; ++k) {
        out.row[k] = is_inside(ended + k, size_) ? rows.row(static_cast<std::size_t>(ended + k))
                                                 : work_->spare.row(static_cast<std::size_t>(k));
      }
      return out;
    };
    blur_across(mean.blur(), value, mean.take(step), size_.width);
    const BatchOut means = rows_of(channels_[c].mean);
    mean.give(step, size_.height, 0, size_.width, means);
    if (!needs_[c].structure) continue;
    blur_product_across(square.blur(), value, value, square.take(step), size_.width);
    const BatchOut variances = rows_of(channels_[c].variance);
    square.give(step, size_.height, 0, size_.width, variances);
    for (int k = 0; k < kBatchRows; ++k) {
      if (is_inside(ended + k, size_)) to_variance(means.row[k], variances.row[k], size_.width);
    }
  }
}

CandidateScale::Channel::Channel(std::uint32_t width)
    : value(width, kValueRing), mean(width), square(width), product(width) {}

CandidateScale::CandidateScale(ScaleSize size, const ScaleNeeds& needs)
    : size_(size), needs_(needs), zeros_(size.width, 1), blurred_(kTileWidth, 3 * kBatchRows) {
  zeros_.clear();
  for (int c = 0; c < kChannels; ++c) {
    if (needs_[c].any()) channels_[c].emplace(size.width);
  }
}

void CandidateScale::step(int step, LinearSource& source, LinearPlanes* next, const OriginalScale& original) {
  Rows spare;
  read_step(step, source, next, [&](int c, std::uint32_t y) -> float* {
    if (channels_[c]) return channels_[c]->value.row(y);
    if (c != 1) return nullptr;
    if (spare.bytes() == 0) spare = Rows(size_.width, 1);
    return spare.row(0);
  });
  const std::int64_t begin = std::int64_t{step} * kBatchRows;
  for (int c = 0; c < kChannels; ++c) {
    if (!channels_[c]) continue;
    Channel& channel = *channels_[c];
    const BatchIn value = batch_of(channel.value, zeros_, begin, size_);
    blur_across(channel.mean.blur(), value, channel.mean.take(step), size_.width);
    if (needs_[c].structure) {
      blur_product_across(channel.square.blur(), value, value, channel.square.take(step), size_.width);
      blur_product_across(channel.product.blur(), value, original.values(c, begin), channel.product.take(step),
                          size_.width);
    }
    compare(step, c, original);
  }
}

void CandidateScale::compare(int step, int c, const OriginalScale& original) {
  Channel& channel = *channels_[c];
  const std::int64_t ended = std::int64_t{step - 1} * kBatchRows;
  const BatchIn value1 = original.values(c, ended), value2 = batch_of(channel.value, zeros_, ended, size_);
  const auto blurred = [&](int map) {
    BatchOut out{};
    for (int k = 0; k < kBatchRows; ++k) out.row[k] = blurred_.row(static_cast<std::size_t>(map * kBatchRows + k));
    return out;
  };
  const BatchOut mean = blurred(0), square = blurred(1), product = blurred(2);
  for (std::size_t x = 0; x < size_.width; x += kTileWidth) {
    const std::size_t width = std::min(kTileWidth, size_.width - x);
    channel.mean.give(step, size_.height, x, width, mean);
    if (needs_[c].structure) {
      channel.square.give(step, size_.height, x, width, square);
      channel.product.give(step, size_.height, x, width, product);
    }
    MapBatch batch{};
    for (int k = 0; k < kBatchRows; ++k) {
      if (!is_inside(ended + k, size_)) continue;
      const std::size_t y = static_cast<std::size_t>(ended + k);
      batch.row[batch.rows++] = {value1.row[k] + x,
                                 original.mean(c, y) + x,
                                 needs_[c].structure ? original.variance(c, y) + x : nullptr,
                                 value2.row[k] + x,
                                 mean.row[k],
                                 square.row[k],
                                 product.row[k]};
    }
    add_maps(batch, width, needs_[c].structure, needs_[c].edges, channel.sums);
  }
}

ScaleNorms CandidateScale::norms() const {
  ScaleNorms norms{};
  const double share = 1.0 / (static_cast<double>(size_.width) * size_.height);
  for (int c = 0; c < kChannels; ++c) {
    if (!channels_[c]) continue;
    const MapSums& sums = channels_[c]->sums;
    for (int map = 0; map < kMaps; ++map) {
      norms[c][map] = {sums.sum[map] * share, std::sqrt(std::sqrt(sums.fourth[map] * share))};
    }
  }
  return norms;
}

}  // namespace tintype::simd
