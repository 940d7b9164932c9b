// ModeBudget: what the modes of each macroblock may cost, so that all of them together fit the first partition.
//
// Every macroblock has an equal share, and within a row what one leaves the next may spend. Rows do not depend on each
// other, so that they can be decided at once. In pictures of up to about 10 MP no share is ever felt.
#pragma once

#include <cstdint>

#include "kernels/vp8/modes.h"
#include "kernels/vp8/picture.h"
#include "kernels/vp8/segments.h"

namespace tintype::vp8 {

class ModeBudget {
 public:
  // Whether `segments` leaves enough for the cheapest modes; one segment always does.
  static bool can_afford(const Picture& picture, const Segments& segments);

  ModeBudget(const Picture& picture, const Segments& segments);

  // What a row has at first, and what each macroblock adds to it.
  std::int64_t row_credit() const { return kAdvance * share_; }
  std::int64_t share() const { return share_; }

  void begin_row() { credit_ = row_credit(); }
  // In 1/kVp8Unit bit.
  int for_next() { return static_cast<int>(credit_ += share_); }
  // How dear modes should be for the one that for_next() was asked for: below kThrifts.
  int thrift() const;
  void spend(int cost) {
    credit_ -= cost;
    spent_ += cost;
  }
  // Whether marking macroblocks without coefficients still fits, once all modes are known.
  bool leaves_room_for(std::int64_t skip_cost_256) const;

 private:
  static constexpr int kAdvance = 4;  // shares that a row may spend before it has earned them

  std::int64_t all_ = 0;
  std::int64_t share_ = 0;
  std::int64_t credit_ = 0;
  std::int64_t spent_ = 0;
};

}  // namespace tintype::vp8
