// A JPEG component's coefficients to samples (kernels/reference/jpeg_planes.h). A work-group makes eight blocks: eight work-
// items each, first a column of coefficients a work-item, then a row.
#include "kernels/shared/jpeg_idct.h"

static void transform(tt_i32 line[8], uint size, int shift) {
  if (size == 8) {
    tt_idct8(line, shift);
  } else if (size == 4) {
    tt_idct4(line, shift);
  } else {
    tt_idct2(line, shift);
  }
}

__kernel __attribute__((reqd_work_group_size(64, 1, 1)))
void jpeg_plane(__global const uchar* restrict coefficient_bytes, ulong coefficients_at, __global uchar* restrict arena,
                ulong quantiser_at, ulong out_at, uint width_blocks, uint height_blocks, uint scaled_size) {
  __local tt_i32 half_done[8][8][9];  // block, row, column; the ninth keeps rows in different banks
  const uint slot = get_local_id(0) >> 3, line_index = get_local_id(0) & 7;
  const uint block = get_group_id(0) * 8 + slot;
  const bool is_block = block < width_blocks * height_blocks;
  __global const short* coefficients = (__global const short*)(coefficient_bytes + coefficients_at) + (size_t)block * 64;
  __global const ushort* quantiser = (__global const ushort*)(arena + quantiser_at);
  const size_t stride = (size_t)width_blocks * scaled_size;
  __global uchar* out =
      arena + out_at + (block / width_blocks) * scaled_size * stride + (size_t)(block % width_blocks) * scaled_size;

  if (scaled_size == 1) {
    if (is_block && line_index == 0) *out = tt_jpeg_sample(tt_idct1(tt_mul(coefficients[0], quantiser[0])));
    return;
  }
  tt_i32 line[8];
  if (is_block) {
    for (uint y = 0; y < 8; ++y) line[y] = tt_mul(coefficients[8 * y + line_index], quantiser[8 * y + line_index]);
    transform(line, scaled_size, TT_IDCT_COLUMN_SHIFT);
    for (uint y = 0; y < scaled_size; ++y) half_done[slot][y][line_index] = line[y];
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  if (!is_block || line_index >= scaled_size) return;
  for (uint x = 0; x < 8; ++x) line[x] = half_done[slot][line_index][x];
  transform(line, scaled_size, TT_IDCT_ROW_SHIFT);
  for (uint x = 0; x < scaled_size; ++x) out[line_index * stride + x] = tt_jpeg_sample(line[x]);
}
