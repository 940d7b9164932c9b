/* Prediction from the pixels around (RFC 6386, section 12). Pixels outside the picture: 127 above, also above and left
   of the first row; 129 on the left, also above and left of the rows after the first. */
#ifndef TINTYPE_SHARED_VP8_PREDICT_H_
#define TINTYPE_SHARED_VP8_PREDICT_H_

#include "kernels/shared/vp8/types.h"

/* A square of side `size` (16 or 8), rows without gaps. `top` and `left` hold that many pixels. Only the mean needs to
   know which of them are in the picture. */
VP8_INLINE void vp8_predict_square(int mode, int size, const uint8_t* top, const uint8_t* left, uint8_t corner,
                                   int has_top, int has_left, uint8_t* out) {
  if (mode == kVp8Dc) {
    const int shift = size == 16 ? 4 : 3;
    int sum = 0, mean = 128;
    for (int i = 0; i < size; ++i) sum += (has_top ? top[i] : 0) + (has_left ? left[i] : 0);
    if (has_top && has_left) {
      mean = (sum + size) >> (shift + 1);
    } else if (has_top || has_left) {
      mean = (sum + size / 2) >> shift;
    }
    for (int i = 0; i < size * size; ++i) out[i] = (uint8_t)mean;
    return;
  }
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      out[size * y + x] = mode == kVp8Vertical     ? top[x]
                          : mode == kVp8Horizontal ? left[y]
                                                   : vp8_pixel(left[y] + top[x] - corner);
    }
  }
}

VP8_INLINE int vp8_mean2(int a, int b) { return (a + b + 1) >> 1; }
VP8_INLINE int vp8_mean3(int a, int b, int c) { return (a + 2 * b + c + 2) >> 2; }

/* A 4x4 sub-block. `edge`: the four pixels on the left from the lowest up, the corner, the eight above from the left:
   13 pixels along one line. */
enum { kVp8EdgePixels = 13 };

/* Where the directional modes take pixel (y, x) from: n is the mean of three around edge[n]; 16 + n the mean of edge[n]
   and edge[n + 1]; 32 the lowest left pixel. Modes from kVp8SubVertical on. */
enum { kVp8EdgePair = 16, kVp8EdgeLowest = 32 };
VP8_CONSTANT uint8_t kVp8SubSources[8][16] = {
    {5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8},
    {3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0},
    {6, 7, 8, 9, 7, 8, 9, 10, 8, 9, 10, 11, 9, 10, 11, 12},
    {4, 5, 6, 7, 3, 4, 5, 6, 2, 3, 4, 5, 1, 2, 3, 4},
    {20, 21, 22, 23, 4, 5, 6, 7, 3, 20, 21, 22, 2, 4, 5, 6},
    {21, 22, 23, 24, 6, 7, 8, 9, 22, 23, 24, 10, 7, 8, 9, 11},
    {19, 4, 5, 6, 18, 3, 19, 4, 17, 2, 18, 3, 16, 1, 17, 2},
    {18, 2, 17, 1, 17, 1, 16, 0, 16, 0, 32, 32, 32, 32, 32, 32},
};

/* Both ends of the edge count twice where three are meant. */
VP8_INLINE int vp8_edge_source(const uint8_t* edge, int source) {
  if (source == kVp8EdgeLowest) return edge[0];
  if (source >= kVp8EdgePair) return vp8_mean2(edge[source - kVp8EdgePair], edge[source - kVp8EdgePair + 1]);
  return vp8_mean3(edge[vp8_max(source - 1, 0)], edge[source], edge[vp8_min(source + 1, kVp8EdgePixels - 1)]);
}

VP8_INLINE void vp8_predict_sub_block(int mode, const uint8_t* edge, uint8_t* out) {
  if (mode == kVp8SubDc) {
    int sum = 4;
    for (int i = 0; i < 4; ++i) sum += edge[i] + edge[5 + i];
    for (int i = 0; i < 16; ++i) out[i] = (uint8_t)(sum >> 3);
  } else if (mode == kVp8SubTrueMotion) {
    for (int i = 0; i < 16; ++i) out[i] = vp8_pixel(edge[3 - i / 4] + edge[5 + i % 4] - edge[4]);
  } else {
    for (int i = 0; i < 16; ++i) out[i] = (uint8_t)vp8_edge_source(edge, kVp8SubSources[mode - kVp8SubVertical][i]);
  }
}

#endif
