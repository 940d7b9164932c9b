#include "kernels/vp8/mode_budget.h"

#include <algorithm>

#include "kernels/shared/vp8/code_block.h"
#include "kernels/vp8/frame_writer.h"

namespace tintype::vp8 {
namespace {

// The header with every probability updated takes less.
constexpr std::int64_t kHeaderBytes = 4096;

// 1 part in 32 is kept for the coder's roundings: its ranges are whole numbers below 256.
std::int64_t units_for_modes(const Segments& segments) {
  const std::int64_t bits = (kMostFirstPartitionBytes - kHeaderBytes) * 8;
  return bits * kVp8Unit / 32 * 31 - segments.map_cost() * kVp8Unit / 256;
}

// So that a row of no more than this many cannot overdraw.
constexpr std::int64_t kMostCredit = 1 << 24;

int cheapest() {
  const ModeCosts& costs = ModeCosts::of_key_frames();
  return costs.luma[kVp8Dc] + costs.chroma[kVp8Dc];
}

}  // namespace

ModeBudget::ModeBudget(const Picture& picture, const Segments& segments) : all_(units_for_modes(segments)) {
  const std::int64_t shares = std::int64_t{picture.macroblock_rows()} * (picture.macroblock_columns() + kAdvance);
  share_ = std::min(all_ / shares, kMostCredit / (std::int64_t{picture.macroblock_columns()} + kAdvance));
  // A bit each for marks of those without coefficients, if there is one to spare.
  if (share_ - kVp8Unit >= 2 * cheapest()) share_ -= kVp8Unit;
}

bool ModeBudget::can_afford(const Picture& picture, const Segments& segments) {
  return segments.count == 1 || ModeBudget(picture, segments).share_ >= cheapest() + cheapest() / 4;
}

int ModeBudget::thrift() const {
  static_assert(kThrifts == kVp8Thrifts);
  return vp8_thrift(static_cast<int>(credit_));
}

bool ModeBudget::leaves_room_for(std::int64_t skip_cost_256) const {
  return spent_ + skip_cost_256 * kVp8Unit / 256 <= all_;
}

}  // namespace tintype::vp8
