/* The transforms. The inverse ones are the format's (RFC 6386, sections 14.3 and 14.4); the forward ones are ours and
   stay in 16 bits for every residual. Coefficients are twice those of an orthonormal transform. Blocks are in raster
   order. */
#ifndef TINTYPE_SHARED_VP8_TRANSFORM_H_
#define TINTYPE_SHARED_VP8_TRANSFORM_H_

#include "kernels/shared/vp8/types.h"

/* sqrt(2) cos(pi/8) - 1 and sqrt(2) sin(pi/8), in 1/32768. */
enum { kVp8ForwardCos = 10045, kVp8ForwardSin = 17734 };

VP8_INLINE int vp8_mul15(int a, int k) { return (a * k + (1 << 14)) >> 15; }

/* Four samples at in, in + step, ...; results to out, out + step, ... */
VP8_INLINE void vp8_forward_four(const int16_t* in, int16_t* out, int step, int scale, int round, int shift) {
  const int a0 = (in[0] + in[3 * step]) * scale, a1 = (in[step] + in[2 * step]) * scale;
  const int a2 = (in[step] - in[2 * step]) * scale, a3 = (in[0] - in[3 * step]) * scale;
  const int c1 = a3 + vp8_mul15(a3, kVp8ForwardCos) + vp8_mul15(a2, kVp8ForwardSin);
  const int c3 = vp8_mul15(a3, kVp8ForwardSin) - a2 - vp8_mul15(a2, kVp8ForwardCos);
  out[0] = (int16_t)((a0 + a1 + round) >> shift);
  out[step] = (int16_t)((c1 + round) >> shift);
  out[2 * step] = (int16_t)((a0 - a1 + round) >> shift);
  out[3 * step] = (int16_t)((c3 + round) >> shift);
}

/* `residual` is -255..255. */
VP8_INLINE void vp8_forward_dct(const int16_t* residual, int16_t* out) {
  int16_t rows[16];
  for (int y = 0; y < 4; ++y) vp8_forward_four(residual + 4 * y, rows + 4 * y, 1, 8, 0, 0);
  for (int x = 0; x < 4; ++x) vp8_forward_four(rows + x, out + x, 4, 1, 8, 4);
}

VP8_INLINE void vp8_inverse_four(const int* in, int* out, int step) {
  const int a = in[0] + in[2 * step], b = in[0] - in[2 * step];
  const int c = ((in[step] * 35468) >> 16) - (in[3 * step] + ((in[3 * step] * 20091) >> 16));
  const int d = in[step] + ((in[step] * 20091) >> 16) + ((in[3 * step] * 35468) >> 16);
  out[0] = a + d;
  out[step] = b + c;
  out[2 * step] = b - c;
  out[3 * step] = a - d;
}

/* Adds the inverse transform of `coefficients` to the prediction. */
VP8_INLINE void vp8_add_inverse_dct(const int16_t* coefficients, const uint8_t* prediction, uint8_t* out) {
  int in[16], columns[16], rows[16];
  for (int i = 0; i < 16; ++i) in[i] = coefficients[i];
  for (int x = 0; x < 4; ++x) vp8_inverse_four(in + x, columns + x, 4);
  for (int y = 0; y < 4; ++y) vp8_inverse_four(columns + 4 * y, rows + 4 * y, 1);
  for (int i = 0; i < 16; ++i) out[i] = vp8_pixel(prediction[i] + ((rows[i] + 4) >> 3));
}

/* The second-order transform is its own inverse but for the scale. */
VP8_INLINE void vp8_hadamard_four(const int* in, int* out, int step) {
  const int a = in[0] + in[3 * step], b = in[step] + in[2 * step];
  const int c = in[step] - in[2 * step], d = in[0] - in[3 * step];
  out[0] = a + b;
  out[step] = c + d;
  out[2 * step] = a - b;
  out[3 * step] = d - c;
}

VP8_INLINE void vp8_hadamard(const int16_t* in, int16_t* out, int round, int shift) {
  int from[16], columns[16], rows[16];
  for (int i = 0; i < 16; ++i) from[i] = in[i];
  for (int x = 0; x < 4; ++x) vp8_hadamard_four(from + x, columns + x, 4);
  for (int y = 0; y < 4; ++y) vp8_hadamard_four(columns + 4 * y, rows + 4 * y, 1);
  for (int i = 0; i < 16; ++i) out[i] = (int16_t)((rows[i] + round) >> shift);
}

/* The 16 luma blocks' DC coefficients to the second-order block, and back. */
VP8_INLINE void vp8_forward_second_order(const int16_t* dc, int16_t* out) { vp8_hadamard(dc, out, 1, 1); }
VP8_INLINE void vp8_inverse_second_order(const int16_t* in, int16_t* dc) { vp8_hadamard(in, dc, 3, 3); }

#endif
