// The code of one level (RFC 6386, section 13), walked for whoever prices or writes it.
#pragma once

#include <cstdint>

#include "kernels/shared/vp8/tables.h"

namespace tintype::vp8 {

// A magnitude from 1 on, without its sign, after the question whether the block goes on. `visitor.node(n, bit)`: node n
// of the token tree; `visitor.fixed(bit, prob)`: a bool whose probability is the format's.
template <class Visitor>
inline void visit_magnitude(int magnitude, Visitor& visitor) {
  visitor.node(1, true);
  visitor.node(2, magnitude > 1);
  if (magnitude == 1) return;
  visitor.node(3, magnitude > 4);
  if (magnitude <= 4) {
    visitor.node(4, magnitude > 2);
    if (magnitude > 2) visitor.node(5, magnitude > 3);
    return;
  }
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

}  // namespace tintype::vp8
