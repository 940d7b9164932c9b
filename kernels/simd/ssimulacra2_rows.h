// The arithmetic of SSIMULACRA 2 on pieces of rows, for every instruction set of this machine. All samples are float.
// Rows are written in whole vectors: each must have room for kRowSlack samples past its end, of which nothing is asked.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/ssimulacra2_formula.h"

namespace tintype::simd {

inline constexpr std::size_t kRowSlack = 16;
inline constexpr int kBatchRows = 4;
// Floats that blur_down() keeps a column: two outputs of each resonator.
inline constexpr std::size_t kColumnState = 2 * ssimulacra2::kResonators;

struct RgbRow {
  const float* of[3];
};
struct XybRow {
  float* of[3];  // null: not wanted
};

// `width` pixels of linear light to positive XYB.
void to_xyb(const RgbRow& linear, const XybRow& xyb, std::size_t width);

// Two rows of `width` samples to one of halved(width): means of two by two.
void halve_rows(const float* upper, const float* lower, float* out, std::size_t width);

struct BatchIn {
  const float* row[kBatchRows];
};
struct BatchOut {
  float* row[kBatchRows];
};

// The horizontal blur of four whole rows; of a * b, sample by sample.
void blur_across(const ssimulacra2::Blur& blur, const BatchIn& in, const BatchOut& out, std::size_t width);
void blur_product_across(const ssimulacra2::Blur& blur, const BatchIn& a, const BatchIn& b, const BatchOut& out,
                         std::size_t width);

// The vertical blur of `width` columns, four outputs down. behind[k] is the row that lies 6 above output k, ahead[k]
// the one 4 below. `state` has kColumnState rows of `state_stride` floats; it starts as zeros at output -4.
void blur_down(const ssimulacra2::Blur& blur, const BatchIn& behind, const BatchIn& ahead, float* state,
               std::size_t state_stride, const BatchOut& out, std::size_t width);

// square - mean * mean, into `square`.
void to_variance(const float* mean, float* square, std::size_t width);

// One channel of `width` pixels of both pictures: what the maps are made of. Of `square` and `product` the blurs.
struct MapRow {
  const float* value1;  // the original
  const float* mean1;
  const float* variance1;
  const float* value2;  // the candidate
  const float* mean2;
  const float* square2;
  const float* product;
};
// Sums of a map's errors, and of their fourth powers.
struct MapSums {
  double sum[ssimulacra2::kMaps] = {};
  double fourth[ssimulacra2::kMaps] = {};
};
struct MapBatch {
  MapRow row[kBatchRows];
  int rows;  // of them
};
// Adds the maps that are asked for. Without `structure`, variance1, square2 and product are not looked at; without
// `edges`, value1 and value2 are not.
void add_maps(const MapBatch& batch, std::size_t width, bool structure, bool edges, MapSums& sums);

}  // namespace tintype::simd
