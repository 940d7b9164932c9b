// The steps of resizing a plane (kernels/reference/resize_rows.h), each over a whole plane at once. All live in one arena;
// places in it are bytes. A level is the input (8 bits a sample) or the input halved a number of times (wide, 16 bits).
#include "kernels/shared/resize.h"

static tt_i32 wide_at(__global const uchar* arena, ulong plane_at, uint is_8_bit, size_t sample) {
  __global const uchar* plane = arena + plane_at;
  return is_8_bit ? tt_widened(plane[sample]) : ((__global const short*)plane)[sample];
}

// A level from the one above it: an odd last row or column is halved with itself. in_stride in samples.
__kernel void halve(__global uchar* arena, ulong in_at, uint is_8_bit, uint in_width, uint in_height, uint in_stride,
                    ulong out_at, uint out_width) {
  const uint x = get_global_id(0), y = get_global_id(1);
  if (x >= out_width) return;
  const size_t left = 2 * x, right = min(2 * x + 1, in_width - 1);
  const size_t upper = (size_t)(2 * y) * in_stride, lower = (size_t)min(2 * y + 1, in_height - 1) * in_stride;
  ((__global short*)(arena + out_at))[(size_t)y * out_width + x] =
      (short)tt_mean_of_four(wide_at(arena, in_at, is_8_bit, upper + left), wide_at(arena, in_at, is_8_bit, upper + right),
                             wide_at(arena, in_at, is_8_bit, lower + left), wide_at(arena, in_at, is_8_bit, lower + right));
}

// Rows of a level to mixed rows, as many as the picture has. Taps: for each output row its first input row at first_at
// (uint), and `taps` weights (short), weights_stride apart, at weights_at.
__kernel void mix_rows(__global uchar* arena, ulong in_at, uint is_8_bit, uint in_width, uint in_stride, ulong first_at,
                       ulong weights_at, uint taps, uint weights_stride, ulong out_at) {
  const uint x = get_global_id(0), y = get_global_id(1);
  if (x >= in_width) return;
  const uint first = ((__global const uint*)(arena + first_at))[y];
  __global const short* weights = (__global const short*)(arena + weights_at) + (size_t)y * weights_stride;
  tt_i32 sum = 0;
  for (uint k = 0; k < taps; ++k)
    sum += tt_mix_term(wide_at(arena, in_at, is_8_bit, (size_t)(first + k) * in_stride + x), weights[k]);
  ((__global short*)(arena + out_at))[(size_t)y * in_width + x] = (short)sum;
}

// Mixed rows to fine ones.
__kernel void filter_rows(__global uchar* arena, ulong in_at, uint in_width, ulong first_at, ulong weights_at, uint taps,
                          uint weights_stride, ulong out_at, uint out_width) {
  const uint x = get_global_id(0), y = get_global_id(1);
  if (x >= out_width) return;
  const uint first = ((__global const uint*)(arena + first_at))[x];
  __global const short* weights = (__global const short*)(arena + weights_at) + (size_t)x * weights_stride;
  __global const short* in = (__global const short*)(arena + in_at) + (size_t)y * in_width + first;
  tt_i32 sum = 0;
  for (uint k = 0; k < taps; ++k) sum += in[k] * weights[k];
  ((__global ushort*)(arena + out_at))[(size_t)y * out_width + x] = tt_fine(sum);
}

// Column x becomes row x. in_width and in_height are the input's.
__kernel void swap_sides(__global uchar* arena, ulong in_at, uint in_width, uint in_height, ulong out_at) {
  const uint x = get_global_id(0), y = get_global_id(1);
  if (x >= in_width) return;
  ((__global ushort*)(arena + out_at))[(size_t)x * in_height + y] =
      ((__global const ushort*)(arena + in_at))[(size_t)y * in_width + x];
}

// Fine samples to a file's own numbers.
__kernel void code8(__global uchar* arena, ulong in_at, ulong samples, uint scale, uint bias, ulong out_at) {
  const size_t i = get_global_id(0);
  if (i >= samples) return;
  arena[out_at + i] = (uchar)tt_coded(((__global const ushort*)(arena + in_at))[i], scale, bias);
}

__kernel void fill_fine(__global uchar* arena, ulong at, ulong samples, uint value) {
  const size_t i = get_global_id(0);
  if (i < samples) ((__global ushort*)(arena + at))[i] = (ushort)value;
}
