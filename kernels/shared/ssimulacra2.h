// The arithmetic of SSIMULACRA 2 (kernels/ssimulacra2_formula.h) on samples, in the order of roundings that defines the
// score: fused where ss2_fma stands, nowhere else. C++ that calls these is compiled with -ffp-contract=off. OpenCL C
// needs a device with double precision (cl_khr_fp64), on which every result here is rounded as IEEE 754 says.
#pragma once

#include "kernels/shared/c_subset.h"

#if defined(__OPENCL_VERSION__) || defined(__OPENCL_C_VERSION__)

#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL FP_CONTRACT OFF

TT_SHARED float ss2_fma(float a, float b, float c) { return fma(a, b, c); }
TT_SHARED float ss2_distance(float a, float b) { return fabs(a - b); }
TT_SHARED tt_i32 ss2_bits(float value) { return as_int(value); }
TT_SHARED float ss2_float(tt_i32 bits) { return as_float(bits); }

#else

TT_SHARED float ss2_fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
TT_SHARED float ss2_distance(float a, float b) { return __builtin_fabsf(a - b); }
TT_SHARED tt_i32 ss2_bits(float value) { return __builtin_bit_cast(tt_i32, value); }
TT_SHARED float ss2_float(tt_i32 bits) { return __builtin_bit_cast(float, bits); }

#endif

typedef struct {
  float mix[3][3];
  float mix_bias;
  float root_offset;  // -cbrt(mix_bias)
  float x_gain;
  float x_offset;
  float y_offset;
  float b_offset;
  float structure_floor;
} Ss2Constants;

// Of each of the three resonators; across, of four outputs at a time: output k is the sum over the four inputs j <= k
// of from_input[k - j] * input[j], and from_second[k] * y[n - 2], and from_last[k] * y[n - 1].
typedef struct {
  float gain[3];
  float turn[3];
  float from_input[3][4];
  float from_last[3][4];
  float from_second[3][4];
} Ss2Blur;

// What the resonators of a row or a column remember: their last outputs, and those before. It starts as zeros.
typedef struct {
  float last[3];
  float second[3];
} Ss2Resonators;

// Of a pixel: both pictures' samples, what is blurred of them, and the blurs of their squares and of their product.
typedef struct {
  float value1, value2;
  float mean1, mean2, square1, square2, product;
} Ss2Pixel;

// Sums over pixels of the three maps' errors, and of their fourth powers.
typedef struct {
  double sum[3];
  double fourth[3];
} Ss2Sums;

TT_SHARED float ss2_mean_of_four(float a, float right, float below, float across) {
  return 0.25f * (((a + right) + below) + across);
}

// x^(1/3) + addend, by Newton's iteration for x^(-1/3).
TT_SHARED float ss2_cube_root_and_add(float x, float addend) {
  const float third = 1.0f / 3, four_thirds = 4.0f / 3;
  const tt_i32 exponent = ss2_bits(x) >> 23;
  float root = ss2_float(0x54800000 - exponent * 0x002AAAAA);  // about -1/3 of the exponent
  for (int i = 0; i < 3; ++i) {
    const float square = root * root;
    root = ss2_fma(-(third * x), square * square, four_thirds * root);
  }
  const float square = root * root;
  root = ss2_fma(third, ss2_fma(-x, square * square, root), root);
  return ss2_fma(root * root, x, addend);
}

// Linear light to positive X, Y and B - Y.
TT_SHARED void ss2_to_xyb(const Ss2Constants* constants, float r, float g, float b, float xyb[3]) {
  float root[3];
  for (int k = 0; k < 3; ++k) {
    const float* mix = constants->mix[k];
    const float mixed = ss2_fma(mix[0], r, ss2_fma(mix[1], g, ss2_fma(mix[2], b, constants->mix_bias)));
    root[k] = ss2_cube_root_and_add(mixed, constants->root_offset);
  }
  const float x = 0.5f * (root[0] - root[1]), y = 0.5f * (root[0] + root[1]);
  xyb[0] = x * constants->x_gain + constants->x_offset;
  xyb[1] = y + constants->y_offset;
  xyb[2] = (root[2] - y) + constants->b_offset;
}

// One output across. `input`: the sample 6 behind and the one 4 ahead, added.
TT_SHARED float ss2_blur_one(const Ss2Blur* blur, float input, Ss2Resonators* memory) {
  float y[3];
  for (int i = 0; i < 3; ++i) {
    y[i] = ss2_fma(blur->from_last[i][0], memory->last[i],
                   ss2_fma(blur->from_second[i][0], memory->second[i], input * blur->from_input[i][0]));
    memory->second[i] = memory->last[i];
    memory->last[i] = y[i];
  }
  return y[0] + (y[1] + y[2]);
}

// Four outputs across, of four inputs.
TT_SHARED void ss2_blur_four(const Ss2Blur* blur, const float input[4], Ss2Resonators* memory, float out[4]) {
  float y[3][4];
  for (int i = 0; i < 3; ++i) {
    for (int k = 0; k < 4; ++k) {
      float sum = input[0] * blur->from_input[i][k];
      for (int j = 1; j <= k; ++j) sum = ss2_fma(blur->from_input[i][k - j], input[j], sum);
      y[i][k] =
          ss2_fma(blur->from_last[i][k], memory->last[i], ss2_fma(blur->from_second[i][k], memory->second[i], sum));
    }
    memory->second[i] = y[i][2];
    memory->last[i] = y[i][3];
  }
  for (int k = 0; k < 4; ++k) out[k] = y[0][k] + (y[1][k] + y[2][k]);
}

// One output down.
TT_SHARED float ss2_blur_down(const Ss2Blur* blur, float input, Ss2Resonators* memory) {
  float y[3];
  for (int i = 0; i < 3; ++i) {
    y[i] = ss2_fma(blur->gain[i], input, ss2_fma(-blur->turn[i], memory->last[i], -memory->second[i]));
    memory->second[i] = memory->last[i];
    memory->last[i] = y[i];
  }
  return y[0] + (y[1] + y[2]);
}

TT_SHARED double ss2_not_negative(double value) { return value < 0 ? 0 : value; }

TT_SHARED void ss2_add_errors(const Ss2Constants* constants, const Ss2Pixel* pixel, Ss2Sums* sums) {
  const float m1 = pixel->mean1, m2 = pixel->mean2, stabiliser = constants->structure_floor;
  const float means = 1.0f - (m1 - m2) * (m1 - m2);
  const float covariance = pixel->product - m1 * m2;
  const float variances = (pixel->square1 - m1 * m1) + (pixel->square2 - m2 * m2) + stabiliser;
  // By way of double a quotient of floats is rounded rightly on devices, too, whose own float division need not be.
  const float likeness = (float)((double)(means * (2 * covariance + stabiliser)) / (double)variances);
  const double edge1 = ss2_distance(pixel->value1, m1), edge2 = ss2_distance(pixel->value2, m2);
  const double more_edge = (1 + edge2) / (1 + edge1) - 1;
  const double errors[3] = {ss2_not_negative(1.0 - likeness), ss2_not_negative(more_edge),
                            ss2_not_negative(-more_edge)};
  for (int map = 0; map < 3; ++map) {
    const double square = errors[map] * errors[map];
    sums->sum[map] += errors[map];
    sums->fourth[map] += square * square;
  }
}
