// An inverse transform that rounds down.
#include "tests/kernels/hls/mutants/mutants.h"

#include "kernels/shared/vp8/transform.h"

namespace {

void rebuilt_darker(const int16_t* coefficients, const uint8_t* prediction, uint8_t* out) {
  int16_t darker[16];
  for (int i = 0; i < 16; ++i) darker[i] = coefficients[i];
  darker[0] = (int16_t)(darker[0] - 1);
  vp8_add_inverse_dct(darker, prediction, out);
}

}  // namespace

#define vp8_add_inverse_dct rebuilt_darker
#include "kernels/hls/vp8_macroblocks.cpp"
