#include "kernels/reference/jpeg_planes.h"

#include "kernels/shared/jpeg_idct.h"

namespace tintype::reference {
namespace {

void transform(tt_i32 line[8], std::uint32_t size, int shift) {
  switch (size) {
    case 8:
      return tt_idct8(line, shift);
    case 4:
      return tt_idct4(line, shift);
    default:
      return tt_idct2(line, shift);
  }
}

void block_to_samples(const std::int16_t* coefficients, std::span<const std::uint16_t, 64> quantiser,
                      std::uint32_t size, std::uint8_t* out, std::size_t stride) {
  const auto dequantised = [&](std::size_t i) { return tt_mul(coefficients[i], quantiser[i]); };
  if (size == 1) {
    *out = tt_jpeg_sample(tt_idct1(dequantised(0)));
    return;
  }
  tt_i32 half[8][8];  // columns done: row, column
  for (std::size_t x = 0; x < 8; ++x) {
    tt_i32 column[8];
    for (std::size_t y = 0; y < 8; ++y) column[y] = dequantised(8 * y + x);
    transform(column, size, TT_IDCT_COLUMN_SHIFT);
    for (std::size_t y = 0; y < size; ++y) half[y][x] = column[y];
  }
  for (std::size_t y = 0; y < size; ++y) {
    transform(half[y], size, TT_IDCT_ROW_SHIFT);
    for (std::size_t x = 0; x < size; ++x) out[stride * y + x] = tt_jpeg_sample(half[y][x]);
  }
}

}  // namespace

void jpeg_plane(const JpegBlocks& blocks, std::uint32_t scaled_size, std::uint8_t* out, std::size_t stride) {
  const std::int16_t* coefficients = blocks.coefficients;
  for (std::uint32_t y = 0; y < blocks.height_blocks; ++y)
    for (std::uint32_t x = 0; x < blocks.width_blocks; ++x, coefficients += 64)
      block_to_samples(coefficients, blocks.quantiser, scaled_size,
                       out + std::size_t{y} * scaled_size * stride + std::size_t{x} * scaled_size, stride);
}

}  // namespace tintype::reference
