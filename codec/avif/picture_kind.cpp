#include "codec/avif/picture_kind.h"

#include <algorithm>
#include <cstdlib>

namespace tintype {
namespace {

constexpr std::uint32_t kBlock = 8;
// In 8-bit steps between neighbours, both ways added: a block whose mean is above the first is busy; a pixel above the
// second stands on an edge, and a block with some of them over a wide range is an edge block.
constexpr int kBusyStep = 7;
constexpr int kEdgeStep = 40;
constexpr int kEdgePixels = 3;
constexpr int kEdgeRange = 90;
// Shares of all blocks. Chosen by eye, on photographs of the Debian package lomiri-wallpapers-16.04, a few of a drone, pets and
// labels, and a page of notes: `bench/run avif` on other photos is what judges them.
constexpr double kDenseShare = 0.70;
constexpr double kTexturedShare = 0.35;
constexpr double kTextMostBusy = 0.30;
constexpr double kTextLeastEdges = 0.01;
constexpr double kTextEdgesOfBusy = 0.35;

struct Block {
  bool is_busy = false;
  bool is_edge = false;
};

Block look_at(const std::uint8_t* top_left, std::size_t stride) {
  int steps = 0, edge_pixels = 0, least = 255, most = 0;
  for (std::uint32_t y = 0; y < kBlock; ++y) {
    const std::uint8_t* row = top_left + stride * y;
    for (std::uint32_t x = 0; x < kBlock; ++x) {
      const int value = row[x];
      const int step = std::abs(value - row[x + 1]) + std::abs(value - row[x + stride]);
      steps += step;
      edge_pixels += step > kEdgeStep;
      least = std::min(least, value);
      most = std::max(most, value);
    }
  }
  return {steps > kBusyStep * static_cast<int>(kBlock * kBlock), edge_pixels >= kEdgePixels && most - least > kEdgeRange};
}

}  // namespace

PictureKind kind_of_picture(const std::uint8_t* luma, std::size_t stride, std::uint32_t width, std::uint32_t height) {
  std::uint64_t blocks = 0, busy = 0, edges = 0;
  for (std::uint32_t y = 0; y + kBlock < height; y += kBlock) {
    for (std::uint32_t x = 0; x + kBlock < width; x += kBlock) {
      const Block block = look_at(luma + stride * y + x, stride);
      ++blocks;
      busy += block.is_busy;
      edges += block.is_edge;
    }
  }
  const auto share = [&](std::uint64_t count) { return static_cast<double>(count) / static_cast<double>(std::max<std::uint64_t>(1, blocks)); };
  if (share(busy) >= kDenseShare) return PictureKind::kDense;
  if (share(busy) >= kTexturedShare) return PictureKind::kTextured;
  const bool is_text = share(busy) < kTextMostBusy && share(edges) >= kTextLeastEdges && share(edges) >= kTextEdgesOfBusy * share(busy);
  return is_text ? PictureKind::kText : PictureKind::kSmooth;
}

}  // namespace tintype
