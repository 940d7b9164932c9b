#include "kernels/reference/vp8_macroblock.h"

#include <cstring>

#include "kernels/shared/vp8/predict.h"
#include "kernels/shared/vp8/transform.h"
#include "kernels/vp8/macroblock_search.h"

namespace tintype::reference {
namespace {

using namespace vp8;

// 4x4 blocks of a square with rows of `side` pixels.
struct Square {
  int side;
  int blocks_across() const { return side / 4; }
  int blocks() const { return blocks_across() * blocks_across(); }
  int at(int block, int i) const {
    return side * (4 * (block / blocks_across()) + i / 4) + 4 * (block % blocks_across()) + i % 4;
  }
};

void transform_block(const Square& square, int block, const std::uint8_t* pixels, const std::uint8_t* prediction,
                     std::int16_t* coefficients) {
  std::int16_t residual[16];
  for (int i = 0; i < 16; ++i) {
    residual[i] = static_cast<std::int16_t>(pixels[square.at(block, i)] - prediction[square.at(block, i)]);
  }
  vp8_forward_dct(residual, coefficients);
}

void reconstruct_block(const Square& square, int block, const std::int16_t* coefficients,
                       const std::uint8_t* prediction, std::uint8_t* out) {
  std::uint8_t predicted[16], pixels[16];
  for (int i = 0; i < 16; ++i) predicted[i] = prediction[square.at(block, i)];
  vp8_add_inverse_dct(coefficients, predicted, pixels);
  for (int i = 0; i < 16; ++i) out[square.at(block, i)] = pixels[i];
}

// The blocks of one square, all looked at at once: what their neighbours inside it have is taken from how their
// coefficients would round.
int code_square(const Square& square, const std::int16_t (*coefficients)[16], int first, unsigned above, unsigned left,
                int depth, const Vp8Quantiser& quantiser, const Vp8Costs& costs, std::int16_t (*levels)[16]) {
  const int across = square.blocks_across();
  int seems_coded[16];
  for (int block = 0; block < square.blocks(); ++block) {
    seems_coded[block] = vp8_seems_coded(coefficients[block], first, &quantiser);
  }
  int cost = 0;
  for (int block = 0; block < square.blocks(); ++block) {
    const int x = block % across, y = block / across;
    const int context = (y ? seems_coded[block - across] : static_cast<int>(above >> x & 1)) +
                        (x ? seems_coded[block - 1] : static_cast<int>(left >> y & 1));
    cost += vp8_code_block(coefficients[block], first, context, depth, &quantiser, &costs, levels[block]);
  }
  return cost;
}

struct LumaAttempt {
  int cost;
  std::uint8_t prediction[256];
  std::int16_t levels[17][16];  // the second-order block last
};

void attempt_luma(const MacroblockInput& in, const FrameTables& tables, int mode, LumaAttempt& attempt) {
  const Square square{16};
  const Vp8Quantiser* quantisers = tables.quantisers[in.segment];
  vp8_predict_square(mode, 16, in.y_border.above, in.y_border.left, in.y_border.corner, in.has_above, in.has_left,
                     attempt.prediction);
  std::int16_t coefficients[16][16], dc[16], second[16];
  for (int block = 0; block < 16; ++block) {
    transform_block(square, block, in.y, attempt.prediction, coefficients[block]);
    dc[block] = coefficients[block][0];
  }
  vp8_forward_second_order(dc, second);
  const int context = (in.above_coded & kSecondOrderBit ? 1 : 0) + (in.left_coded & kSecondOrderBit ? 1 : 0);
  attempt.cost = vp8_code_block(second, 0, context, tables.depth.levels, &quantisers[kVp8SecondOrder],
                                &tables.costs[kVp8SecondOrder], attempt.levels[16]);
  attempt.cost += code_square(square, coefficients, 1, in.above_coded & 15u, in.left_coded & 15u, tables.depth.levels,
                              quantisers[kVp8LumaWithoutDc], tables.costs[kVp8LumaWithoutDc], attempt.levels);
}

void reconstruct_luma(const LumaAttempt& attempt, const Vp8Quantiser* quantisers, std::uint8_t* out) {
  std::int16_t second[16], dc[16];
  vp8_dequantise(attempt.levels[16], 0, &quantisers[kVp8SecondOrder], second);
  vp8_inverse_second_order(second, dc);
  for (int block = 0; block < 16; ++block) {
    std::int16_t coefficients[16];
    vp8_dequantise(attempt.levels[block], 1, &quantisers[kVp8LumaWithoutDc], coefficients);
    coefficients[0] = dc[block];
    reconstruct_block({16}, block, coefficients, attempt.prediction, out);
  }
}

struct ChromaAttempt {
  int cost;
  std::uint8_t prediction[2][64];
  std::int16_t levels[8][16];
};

void attempt_chroma(const MacroblockInput& in, const FrameTables& tables, int mode, ChromaAttempt& attempt) {
  const Square square{8};
  attempt.cost = 0;
  for (int plane = 0; plane < 2; ++plane) {
    const Border<8>& border = plane ? in.v_border : in.u_border;
    std::uint8_t* prediction = attempt.prediction[plane];
    vp8_predict_square(mode, 8, border.above, border.left, border.corner, in.has_above, in.has_left, prediction);
    std::int16_t coefficients[4][16];
    for (int block = 0; block < 4; ++block) {
      transform_block(square, block, plane ? in.v : in.u, prediction, coefficients[block]);
    }
    const int shift = plane ? 6 : 4;
    attempt.cost += code_square(square, coefficients, 0, in.above_coded >> shift & 3u, in.left_coded >> shift & 3u,
                                tables.depth.levels, tables.quantisers[in.segment][kVp8Chroma],
                                tables.costs[kVp8Chroma], attempt.levels + 4 * plane);
  }
}

struct PlainKernels {
  static SquareChoice luma(const MacroblockInput& in, const FrameTables& tables, const std::int32_t mode_costs[4],
                           Macroblock& out) {
    LumaAttempt attempts[2];
    SquareChoice best{-1, 0};
    int kept = 0;
    for (int mode = 0; mode < kVp8Modes; ++mode) {
      LumaAttempt& attempt = attempts[1 - kept];
      attempt_luma(in, tables, mode, attempt);
      const int cost = attempt.cost + mode_costs[mode];
      if (best.mode >= 0 && cost >= best.cost) continue;
      best = {mode, cost};
      kept = 1 - kept;
    }
    const LumaAttempt& chosen = attempts[kept];
    std::memcpy(out.levels, chosen.levels, 16 * sizeof(chosen.levels[0]));
    std::memcpy(out.levels[kVp8SecondOrderBlock], chosen.levels[16], sizeof(chosen.levels[16]));
    reconstruct_luma(chosen, tables.quantisers[in.segment], out.y);
    return best;
  }

  static SquareChoice chroma(const MacroblockInput& in, const FrameTables& tables, const std::int32_t mode_costs[4],
                             Macroblock& out) {
    ChromaAttempt attempts[2];
    SquareChoice best{-1, 0};
    int kept = 0;
    for (int mode = 0; mode < kVp8Modes; ++mode) {
      ChromaAttempt& attempt = attempts[1 - kept];
      attempt_chroma(in, tables, mode, attempt);
      const int cost = attempt.cost + mode_costs[mode];
      if (best.mode >= 0 && cost >= best.cost) continue;
      best = {mode, cost};
      kept = 1 - kept;
    }
    const ChromaAttempt& chosen = attempts[kept];
    std::memcpy(out.levels[kVp8FirstU], chosen.levels, sizeof(chosen.levels));
    for (int block = 0; block < 8; ++block) {
      std::int16_t coefficients[16];
      vp8_dequantise(chosen.levels[block], 0, &tables.quantisers[in.segment][kVp8Chroma], coefficients);
      reconstruct_block({8}, block & 3, coefficients, chosen.prediction[block >> 2], block < 4 ? out.u : out.v);
    }
    return best;
  }

  static void sub_block(const SubBlockInput& in, const Vp8Quantiser& quantiser, const Vp8Costs& costs,
                        const SearchDepth& depth, SubBlockChoice& best) {
    best.mode = -1;
    for (int mode = 0; mode < kVp8SubModes; ++mode) {
      std::uint8_t prediction[16];
      std::int16_t coefficients[16], levels[16];
      vp8_predict_sub_block(mode, in.edge, prediction);
      transform_block({4}, 0, in.pixels, prediction, coefficients);
      const int cost = vp8_add_cost(
          in.mode_costs[mode], vp8_code_block(coefficients, 0, in.context, depth.levels, &quantiser, &costs, levels));
      if (best.mode >= 0 && cost >= best.cost) continue;
      best.mode = mode;
      best.cost = cost;
      std::memcpy(best.levels, levels, sizeof(levels));
      std::int16_t dequantised[16];
      vp8_dequantise(levels, 0, &quantiser, dequantised);
      reconstruct_block({4}, 0, dequantised, prediction, best.pixels);
    }
    best.is_coded = vp8::detail::is_coded(best.levels);
  }
};

}  // namespace

void code_vp8_macroblock(const MacroblockInput& in, const FrameTables& tables, Macroblock& out) {
  code_macroblock<PlainKernels>(in, tables, out);
}

}  // namespace tintype::reference
