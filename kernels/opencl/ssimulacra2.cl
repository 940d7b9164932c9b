// SSIMULACRA 2 (kernels/reference/ssimulacra2.h): two pictures from samples to sums of errors. The blurs are recursions along
// whole rows and columns, and the order of their roundings is the score's: a row, and then a column, is one work-item's.
//
// Planes are floats without gaps; a picture's three lie behind each other. Places are bytes from the start of the arena.
#include "kernels/shared/ssimulacra2.h"

#define SYNC barrier(CLK_LOCAL_MEM_FENCE)
#define MAPS 5 /* that are blurred of each channel: both samples, both squares, their product */
#define BEHIND 6
#define AHEAD 4

// Samples to linear light by a table of 256 entries, or of 256 for each alpha. x: the pixel.
__kernel void ss2_linear(__global uchar* arena, ulong pixels_at, ulong count, uint channels, ulong table_at, ulong out_at) {
  const size_t i = get_global_id(0);
  if (i >= count) return;
  __global const uchar* pixel = arena + pixels_at + i * channels;
  __global const float* table = (__global const float*)(arena + table_at) + (channels == 4 ? 256 * (uint)pixel[3] : 0);
  __global float* out = (__global float*)(arena + out_at) + i;
  for (uint c = 0; c < 3; ++c) out[c * count] = table[pixel[c]];
}

// Three planes to those of the next scale. x: the column; y: the row, of one plane after the other.
__kernel void ss2_halve(__global uchar* arena, ulong in_at, uint width, uint height, ulong out_at) {
  const uint out_width = (width + 1) / 2, out_height = (height + 1) / 2;
  const uint x = (uint)get_global_id(0), plane = (uint)get_global_id(1) / out_height, y = (uint)get_global_id(1) % out_height;
  if (x >= out_width) return;
  const uint right = min(2 * x + 1, width - 1), below = min(2 * y + 1, height - 1);
  __global const float* upper = (__global const float*)(arena + in_at) + ((size_t)plane * height + 2 * y) * width;
  __global const float* lower = (__global const float*)(arena + in_at) + ((size_t)plane * height + below) * width;
  __global float* out = (__global float*)(arena + out_at) + ((size_t)plane * out_height + y) * out_width;
  out[x] = ss2_mean_of_four(upper[2 * x], upper[right], lower[2 * x], lower[right]);
}

// Linear light to XYB in place. x: the pixel.
__kernel void ss2_xyb(__global uchar* arena, ulong at, ulong count, Ss2Constants constants) {
  const size_t i = get_global_id(0);
  if (i >= count) return;
  __global float* planes = (__global float*)(arena + at) + i;
  float xyb[3];
  ss2_to_xyb(&constants, planes[0], planes[count], planes[2 * count], xyb);
  for (uint c = 0; c < 3; ++c) planes[c * count] = xyb[c];
}

#define ROWS 32
#define COLUMNS 32
#define SPAN (COLUMNS + BEHIND + AHEAD)

static float mapped(__global const float* first, __global const float* second, size_t at, uint map) {
  const float a = map == 1 || map == 3 ? second[at] : first[at];
  return map < 2 ? a : a * (map == 2 ? first[at] : second[at]);
}

// Across. Groups: x 32 rows, y the map, of one channel after the other. The rows go through the group's memory in pieces, so
// that neighbours read and write neighbours. Of columns from 8 to before fours_end four are computed at once.
__kernel __attribute__((reqd_work_group_size(ROWS, 1, 1)))
void ss2_blur_across(__global uchar* arena, ulong first_at, ulong second_at, uint width, uint height, uint fours_end,
                     ulong out_at, Ss2Blur blur) {
  __local float piece[ROWS][SPAN + 1];  // one more keeps rows in different banks; [0] is column begin - BEHIND
  const uint id = (uint)get_local_id(0), top = (uint)get_group_id(0) * ROWS;
  const uint channel = (uint)get_group_id(1) / MAPS, map = (uint)get_group_id(1) % MAPS;
  const size_t plane = (size_t)width * height;
  __global const float* first = (__global const float*)(arena + first_at) + channel * plane;
  __global const float* second = (__global const float*)(arena + second_at) + channel * plane;
  __global float* out = (__global float*)(arena + out_at) + get_group_id(1) * plane;
  __local float* row = piece[id];
  Ss2Resonators memory;
  for (int i = 0; i < 3; ++i) memory.last[i] = memory.second[i] = 0;

  for (uint begin = 0; begin < width; begin += COLUMNS) {
    for (uint i = id; i < ROWS * SPAN; i += ROWS) {
      const uint y = top + i / SPAN, x = begin + i % SPAN - BEHIND;  // left of the picture x is beyond any width
      piece[i / SPAN][i % SPAN] = y < height && x < width ? mapped(first, second, (size_t)y * width + x, map) : 0.0f;
    }
    SYNC;
    if (begin == 0)
      for (int i = 0; i < AHEAD; ++i) ss2_blur_one(&blur, 0.0f + row[BEHIND + i], &memory);
    const uint columns = min(width - begin, (uint)COLUMNS);
    // Output k goes where the sample behind it lay, which nobody needs any more.
    for (uint k = 0; k < columns;) {
      const uint n = begin + k;
      if (n >= 8 && n < fours_end) {
        float input[4], outputs[4];
        for (uint i = 0; i < 4; ++i) input[i] = row[k + i] + row[k + i + BEHIND + AHEAD];
        ss2_blur_four(&blur, input, &memory, outputs);
        for (uint i = 0; i < 4; ++i) row[k + i] = outputs[i];
        k += 4;
      } else {
        row[k] = ss2_blur_one(&blur, row[k] + row[k + BEHIND + AHEAD], &memory);
        ++k;
      }
    }
    SYNC;
    for (uint i = id; i < ROWS * COLUMNS; i += ROWS) {
      const uint y = top + i / COLUMNS, x = begin + i % COLUMNS;
      if (y < height && x < width) out[(size_t)y * width + x] = piece[i / COLUMNS][i % COLUMNS];
    }
    SYNC;
  }
}

// Down, and at once the errors of what comes out. x: the column; y: the channel. Sums: doubles, `width` of each of six for
// each channel: the maps' errors, then their fourth powers.
__kernel void ss2_compare(__global uchar* arena, ulong first_at, ulong second_at, ulong across_at, uint width, uint height,
                          ulong sums_at, Ss2Blur blur, Ss2Constants constants) {
  const uint x = (uint)get_global_id(0), channel = (uint)get_global_id(1);
  if (x >= width) return;
  const size_t plane = (size_t)width * height;
  __global const float* first = (__global const float*)(arena + first_at) + channel * plane + x;
  __global const float* second = (__global const float*)(arena + second_at) + channel * plane + x;
  __global const float* across = (__global const float*)(arena + across_at) + channel * MAPS * plane + x;
  Ss2Resonators memory[MAPS];
  for (int map = 0; map < MAPS; ++map)
    for (int i = 0; i < 3; ++i) memory[map].last[i] = memory[map].second[i] = 0;
  Ss2Sums sums;
  for (int map = 0; map < 3; ++map) sums.sum[map] = sums.fourth[map] = 0;

  for (int n = -AHEAD; n < (int)height; ++n) {
    float blurred[MAPS];
    for (int map = 0; map < MAPS; ++map) {
      __global const float* column = across + map * plane;
      const float behind = n >= BEHIND ? column[(size_t)(n - BEHIND) * width] : 0.0f;
      const float ahead = n + AHEAD < (int)height ? column[(size_t)(n + AHEAD) * width] : 0.0f;
      blurred[map] = ss2_blur_down(&blur, behind + ahead, &memory[map]);
    }
    if (n < 0) continue;
    const Ss2Pixel pixel = {first[(size_t)n * width], second[(size_t)n * width], blurred[0], blurred[1],
                            blurred[2],               blurred[3],                blurred[4]};
    ss2_add_errors(&constants, &pixel, &sums);
  }
  __global double* out = (__global double*)(arena + sums_at) + (size_t)channel * 6 * width + x;
  for (int map = 0; map < 3; ++map) {
    out[map * (size_t)width] = sums.sum[map];
    out[(3 + map) * (size_t)width] = sums.fourth[map];
  }
}
