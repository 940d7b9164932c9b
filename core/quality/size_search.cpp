#include "core/quality/size_search.h"

#include <algorithm>
#include <cmath>

namespace tintype {
namespace {

// Of the logarithm of bytes a step of quality, where only one file is known: typical of both formats.
constexpr double kTypicalGrowth = 0.035;
constexpr double kFull = 0.95;  // a file of this share of the limit is as good as one that fills it
constexpr double kAim = 0.98;
constexpr int kFewTries = 4;  // after which a file that fits is good enough

}  // namespace

void SizeSearch::tell(const Probe& probe) {
  ++tries_;
  if (probe.bytes <= max_bytes_) {
    if (!fits_ || probe.quality > fits_->quality) fits_ = probe;
  } else if (!too_large_ || probe.quality < too_large_->quality) {
    too_large_ = probe;
  }
}

std::optional<int> SizeSearch::next() const {
  if (!too_large_ || too_large_->quality == 0) return std::nullopt;
  const double limit = static_cast<double>(max_bytes_);
  if (!fits_) {
    // Where that was not enough, this picture's bytes grow more slowly.
    const double steps = tries_ * std::log(static_cast<double>(too_large_->bytes) / (kAim * limit)) / kTypicalGrowth;
    return std::max(0, too_large_->quality - std::max(1, static_cast<int>(std::ceil(steps))));
  }
  const int low = fits_->quality + 1, high = too_large_->quality - 1;
  const double fits = static_cast<double>(fits_->bytes);
  if (low > high || fits >= kFull * limit || tries_ >= kFewTries + 2) return std::nullopt;
  const double growth =
      std::log(static_cast<double>(too_large_->bytes) / fits) / (too_large_->quality - fits_->quality);
  const double steps = std::log(kAim * limit / fits) / std::max(growth, 1e-3);
  return std::clamp(fits_->quality + static_cast<int>(steps), low, high);
}

int SizeSearch::kept() const { return fits_ ? fits_->quality : too_large_->quality; }

}  // namespace tintype
