/* The loop filter (RFC 6386, section 15), one line of pixels across an edge at a time. */
#ifndef TINTYPE_SHARED_VP8_LOOP_FILTER_H_
#define TINTYPE_SHARED_VP8_LOOP_FILTER_H_

#include "kernels/shared/vp8/types.h"

typedef struct {
  int macroblock_edge;
  int sub_block_edge;
  int interior;
  int high_variance;
} Vp8FilterLimits;

VP8_INLINE Vp8FilterLimits vp8_filter_limits(int level, int sharpness) {
  Vp8FilterLimits limits;
  int interior = level;
  if (sharpness > 0) interior = vp8_min(interior >> (sharpness > 4 ? 2 : 1), 9 - sharpness);
  limits.interior = vp8_max(interior, 1);
  limits.macroblock_edge = (level + 2) * 2 + limits.interior;
  limits.sub_block_edge = level * 2 + limits.interior;
  limits.high_variance = level >= 40 ? 2 : level >= 15 ? 1 : 0;
  return limits;
}

VP8_INLINE int vp8_signed8(int v) { return vp8_clamp(v, -128, 127); }
VP8_INLINE uint8_t vp8_shifted(int v) { return (uint8_t)(vp8_signed8(v) + 128); }

/* Brings the two pixels at the edge nearer to each other; returns by how much. `p` is the first pixel behind the edge,
   `step` the distance of pixels across it. */
VP8_INLINE int vp8_filter_two(uint8_t* p, int step, int with_outer) {
  const int p1 = p[-2 * step] - 128, p0 = p[-step] - 128, q0 = p[0] - 128, q1 = p[step] - 128;
  const int a = vp8_signed8((with_outer ? vp8_signed8(p1 - q1) : 0) + 3 * (q0 - p0));
  const int behind = vp8_signed8(a + 4) >> 3, before = vp8_signed8(a + 3) >> 3;
  p[0] = vp8_shifted(q0 - behind);
  p[-step] = vp8_shifted(p0 + before);
  return behind;
}

VP8_INLINE int vp8_is_near(const uint8_t* p, int step, int edge) {
  return vp8_abs(p[-step] - p[0]) * 2 + (vp8_abs(p[-2 * step] - p[step]) >> 1) <= edge;
}

VP8_INLINE int vp8_is_even(const uint8_t* p, int step, int interior) {
  for (int i = -4; i < 3; ++i) {
    if (i != -1 && vp8_abs(p[i * step] - p[(i + 1) * step]) > interior) return 0;
  }
  return 1;
}

VP8_INLINE int vp8_has_high_variance(const uint8_t* p, int step, int threshold) {
  return vp8_abs(p[-2 * step] - p[-step]) > threshold || vp8_abs(p[step] - p[0]) > threshold;
}

VP8_INLINE void vp8_filter_simple(uint8_t* p, int step, int edge) {
  if (vp8_is_near(p, step, edge)) vp8_filter_two(p, step, 1);
}

VP8_INLINE void vp8_filter_sub_block(uint8_t* p, int step, Vp8FilterLimits limits) {
  if (!vp8_is_near(p, step, limits.sub_block_edge) || !vp8_is_even(p, step, limits.interior)) return;
  const int p1 = p[-2 * step] - 128, q1 = p[step] - 128;
  if (vp8_has_high_variance(p, step, limits.high_variance)) {
    vp8_filter_two(p, step, 1);
  } else {
    const int a = (vp8_filter_two(p, step, 0) + 1) >> 1;
    p[step] = vp8_shifted(q1 - a);
    p[-2 * step] = vp8_shifted(p1 + a);
  }
}

VP8_INLINE void vp8_filter_macroblock(uint8_t* p, int step, Vp8FilterLimits limits) {
  if (!vp8_is_near(p, step, limits.macroblock_edge) || !vp8_is_even(p, step, limits.interior)) return;
  if (vp8_has_high_variance(p, step, limits.high_variance)) {
    vp8_filter_two(p, step, 1);
    return;
  }
  const int p1 = p[-2 * step] - 128, p0 = p[-step] - 128, q0 = p[0] - 128, q1 = p[step] - 128;
  const int w = vp8_signed8(vp8_signed8(p1 - q1) + 3 * (q0 - p0));
  for (int i = 0; i < 3; ++i) {
    const int a = vp8_signed8(((27 - 9 * i) * w + 63) >> 7);
    p[i * step] = vp8_shifted(p[i * step] - 128 - a);
    p[-(i + 1) * step] = vp8_shifted(p[-(i + 1) * step] - 128 + a);
  }
}

#endif
