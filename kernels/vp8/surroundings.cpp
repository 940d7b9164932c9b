#include "kernels/vp8/surroundings.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tintype::vp8 {
namespace {

constexpr std::uint8_t kOutsideAbove = 127;
constexpr std::uint8_t kOutsideLeft = 129;

template <std::uint32_t kSide>
void copy_square(const std::uint8_t* plane, std::uint32_t stride, std::uint32_t width, std::uint32_t height,
                 std::uint32_t x, std::uint32_t y, std::uint8_t* out) {
  const std::uint32_t inside = width - x;
  for (std::uint32_t row = 0; row < kSide; ++row, out += kSide) {
    const std::uint8_t* from = plane + std::size_t{std::min(y + row, height - 1)} * stride + x;
    if (inside >= kSide) {
      std::memcpy(out, from, kSide);
    } else {
      std::memcpy(out, from, inside);
      std::memset(out + inside, from[inside - 1], kSide - inside);
    }
  }
}

template <int kSide>
void fill_border(const std::vector<std::uint8_t>& above, const std::uint8_t* left, std::uint32_t row,
                 std::uint32_t column, Border<kSide>& border) {
  if (row > 0) {
    std::memcpy(border.above, above.data() + std::size_t{column} * kSide, kSide);
  } else {
    std::memset(border.above, kOutsideAbove, kSide);
  }
  for (int y = 0; y < kSide; ++y) border.left[y] = column > 0 ? left[kSide * y + kSide - 1] : kOutsideLeft;
  border.corner = row == 0 ? kOutsideAbove : column == 0 ? kOutsideLeft : above[std::size_t{column} * kSide - 1];
}

}  // namespace

void copy_luma(const Picture& picture, std::uint32_t row, std::uint32_t column, MacroblockInput& in) {
  copy_square<16>(picture.y, picture.y_stride_bytes, picture.width, picture.height, 16 * column, 16 * row, in.y);
}

void copy_pixels(const Picture& picture, std::uint32_t row, std::uint32_t column, MacroblockInput& in) {
  copy_luma(picture, row, column, in);
  const std::uint32_t width = picture.chroma_width(), height = picture.chroma_height();
  copy_square<8>(picture.u, picture.uv_stride_bytes, width, height, 8 * column, 8 * row, in.u);
  copy_square<8>(picture.v, picture.uv_stride_bytes, width, height, 8 * column, 8 * row, in.v);
}

Surroundings::Surroundings(const Picture& picture)
    : picture_(picture), columns_(picture.macroblock_columns()), left_{} {
  for (Line* line : {&above_, &below_}) {
    line->y.resize(std::size_t{columns_} * 16);
    line->u.resize(std::size_t{columns_} * 8);
    line->v.resize(std::size_t{columns_} * 8);
    line->modes.assign(std::size_t{columns_} * 4, kVp8SubDc);
    line->coded.assign(columns_, 0);
  }
}

void Surroundings::fill(std::uint32_t row, std::uint32_t column, MacroblockInput& in) const {
  copy_pixels(picture_, row, column, in);
  in.has_above = row > 0;
  in.has_left = column > 0;
  fill_border(above_.y, left_.y, row, column, in.y_border);
  fill_border(above_.u, left_.u, row, column, in.u_border);
  fill_border(above_.v, left_.v, row, column, in.v_border);
  if (row == 0) {
    std::memset(in.above_right, kOutsideAbove, 4);
  } else if (column + 1 == columns_) {
    std::memset(in.above_right, in.y_border.above[15], 4);
  } else {
    std::memcpy(in.above_right, above_.y.data() + 16 * (std::size_t{column} + 1), 4);
  }
  std::memcpy(in.above_modes, above_.modes.data() + 4 * std::size_t{column}, 4);
  for (int y = 0; y < 4; ++y) in.left_modes[y] = column > 0 ? left_.modes.sub[4 * y + 3] : std::uint8_t{kVp8SubDc};
  in.above_coded = above_.coded[column];
  in.left_coded = column > 0 ? left_.right_coded : CodedBits{0};
}

void Surroundings::note(std::uint32_t column, const Macroblock& macroblock) {
  std::memcpy(below_.y.data() + 16 * std::size_t{column}, macroblock.y + 16 * 15, 16);
  std::memcpy(below_.u.data() + 8 * std::size_t{column}, macroblock.u + 8 * 7, 8);
  std::memcpy(below_.v.data() + 8 * std::size_t{column}, macroblock.v + 8 * 7, 8);
  std::memcpy(below_.modes.data() + 4 * std::size_t{column}, macroblock.modes.sub + 12, 4);
  below_.coded[column] = macroblock.below_coded;
  std::memcpy(left_.y, macroblock.y, sizeof(left_.y));
  std::memcpy(left_.u, macroblock.u, sizeof(left_.u));
  std::memcpy(left_.v, macroblock.v, sizeof(left_.v));
  left_.modes = macroblock.modes;
  left_.right_coded = macroblock.right_coded;
}

void Surroundings::end_row() { std::swap(above_, below_); }

}  // namespace tintype::vp8
