// The code of one block's levels (RFC 6386, section 13), walked for whoever counts, prices or writes it.
#pragma once

#include <cstdint>

#include "kernels/shared/vp8/tables.h"

namespace tintype::vp8 {

// A magnitude from 1 on, from the second question about a place on, and the sign. `visitor.node(n, bit)`: node n of the token
// tree; `visitor.fixed(bit, prob)`: a bool whose probability is the format's.
template <class Visitor>
inline void visit_level(int magnitude, bool is_negative, Visitor& visitor) {
  visitor.node(1, true);
  visitor.node(2, magnitude > 1);
  if (magnitude > 1) {
    visitor.node(3, magnitude > 4);
    if (magnitude <= 4) {
      visitor.node(4, magnitude > 2);
      if (magnitude > 2) visitor.node(5, magnitude > 3);
    } else {
      int category = 0;
      while (category < 5 && magnitude >= kVp8CategoryBase[category + 1]) ++category;
      visitor.node(6, category > 1);
      if (category <= 1) {
        visitor.node(7, category == 1);
      } else {
        visitor.node(8, category > 3);
        visitor.node(category > 3 ? 10 : 9, (category & 1) != 0);
      }
      const int extra = magnitude - kVp8CategoryBase[category];
      for (int i = 0, bits = kVp8CategoryBits[category]; i < bits; ++i) {
        visitor.fixed((extra >> (bits - 1 - i) & 1) != 0, kVp8CategoryProbs[category][i]);
      }
    }
  }
  visitor.fixed(is_negative, 128);
}

// A block of which the places from `first` up to `end` are coded; the last of them is not zero. `levels` begins at `first`.
// `visitor.at(kind, band, context)` goes before the nodes of a place.
template <class Visitor>
inline void visit_block(const std::int16_t* levels, int first, int end, int kind, int context, Visitor& visitor) {
  visitor.at(kind, kVp8Bands[first], context);
  visitor.node(0, end > first);
  for (int place = first; place < end;) {
    const int level = *levels++;
    ++place;
    if (level == 0) {
      visitor.node(1, false);
      visitor.at(kind, kVp8Bands[place], 0);
      continue;
    }
    const int magnitude = level < 0 ? -level : level;
    visit_level(magnitude, level < 0, visitor);
    if (place == 16) return;
    visitor.at(kind, kVp8Bands[place], magnitude > 1 ? 2 : 1);
    visitor.node(0, place < end);
  }
}

}  // namespace tintype::vp8
