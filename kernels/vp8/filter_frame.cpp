#include "kernels/vp8/filter_frame.h"

#include "kernels/shared/vp8/loop_filter.h"

namespace tintype::vp8 {
namespace {

// One macroblock's square of one plane; `across` is the distance of pixels across an edge, `along` along it.
struct Edge {
  std::uint8_t* first;
  int across;
  int along;
  int pixels;
};

void filter_outer(const Edge& edge, const Vp8FilterLimits& limits, bool simple) {
  for (int i = 0; i < edge.pixels; ++i) {
    std::uint8_t* at = edge.first + i * edge.along;
    if (simple) {
      vp8_filter_simple(at, edge.across, limits.macroblock_edge);
    } else {
      vp8_filter_macroblock(at, edge.across, limits);
    }
  }
}

void filter_inner(const Edge& edge, const Vp8FilterLimits& limits, bool simple) {
  for (int offset = 4; offset < edge.pixels; offset += 4) {
    for (int i = 0; i < edge.pixels; ++i) {
      std::uint8_t* at = edge.first + offset * edge.across + i * edge.along;
      if (simple) {
        vp8_filter_simple(at, edge.across, limits.sub_block_edge);
      } else {
        vp8_filter_sub_block(at, edge.across, limits);
      }
    }
  }
}

struct Square {
  std::uint8_t* first;
  int stride;
  int pixels;
  Edge left() const { return {first, 1, stride, pixels}; }
  Edge top() const { return {first, stride, 1, pixels}; }
};

}  // namespace

void filter_frame(const CodedFrame& frame, const Segments& segments, const Settings& settings, Reconstruction& planes) {
  const int stride = static_cast<int>(planes.luma_stride);
  for (std::size_t row = 0; row < frame.rows; ++row) {
    for (std::size_t column = 0; column < frame.columns; ++column) {
      const MacroblockModes& modes = frame.modes[row * frame.columns + column];
      const int level = segments.filter_level[modes.segment];
      if (level == 0) continue;
      const Vp8FilterLimits limits = vp8_filter_limits(level, settings.filter_sharpness);
      const bool has_inner = !modes.is_empty || modes.luma == kVp8SubBlocks;
      const std::size_t chroma = 8 * row * planes.luma_stride / 2 + 8 * column;
      const Square squares[3] = {{&planes.y[16 * row * planes.luma_stride + 16 * column], stride, 16},
                                 {&planes.u[chroma], stride / 2, 8},
                                 {&planes.v[chroma], stride / 2, 8}};
      for (int plane = 0; plane < (settings.simple_filter ? 1 : 3); ++plane) {
        const Square& square = squares[plane];
        if (column > 0) filter_outer(square.left(), limits, settings.simple_filter);
        if (has_inner) filter_inner(square.left(), limits, settings.simple_filter);
        if (row > 0) filter_outer(square.top(), limits, settings.simple_filter);
        if (has_inner) filter_inner(square.top(), limits, settings.simple_filter);
      }
    }
  }
}

}  // namespace tintype::vp8
