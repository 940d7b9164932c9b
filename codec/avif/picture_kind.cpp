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
// Shares of all blocks. Chosen by eye, on photographs of the Debian package lomiri-wallpapers-16.04, a few of a drone,
// pets and labels, and a page of notes: `bench/run avif` on other photos is what judges them.
constexpr double kDenseShare = 0.70;
constexpr double kTexturedShare = 0.35;
constexpr double kSlantedShare = 0.07;
constexpr double kSlantedOfDetail = 0.25;
constexpr double kTextMostBusy = 0.30;
constexpr double kTextLeastEdges = 0.01;
constexpr double kTextEdgesOfBusy = 0.35;

// Of a block that counts as slanted: the range of its values, and how far its gradients agree on a direction, 0 to 1.
constexpr int kSlantedRange = 60;
constexpr double kSlantedAgreement = 0.6;

struct Block {
  bool is_busy = false;
  bool is_edge = false;
  bool is_slanted = false;  // strong gradients that agree on a direction more than 15 degrees off both axes
  std::int64_t detail = 0;  // its gradients' squares, summed
};

Block look_at(const std::uint8_t* top_left, std::size_t stride) {
  int steps = 0, edge_pixels = 0, least = 255, most = 0;
  std::int64_t across = 0, down = 0, both = 0;
  for (std::uint32_t y = 0; y < kBlock; ++y) {
    const std::uint8_t* row = top_left + stride * y;
    for (std::uint32_t x = 0; x < kBlock; ++x) {
      const int value = row[x];
      const int right = row[x + 1] - value, below = row[x + stride] - value;
      const int step = std::abs(right) + std::abs(below);
      across += right * right;
      down += below * below;
      both += right * below;
      steps += step;
      edge_pixels += step > kEdgeStep;
      least = std::min(least, value);
      most = std::max(most, value);
    }
  }
  // Twice the direction's angle lies along (level, 2 both): tan(30 degrees)^2 is 1/3.
  const auto level = static_cast<double>(across - down), slant = 2.0 * static_cast<double>(both);
  const auto detail = static_cast<double>(across + down);
  const bool agrees = level * level + slant * slant > kSlantedAgreement * kSlantedAgreement * detail * detail;
  return {.is_busy = steps > kBusyStep * static_cast<int>(kBlock * kBlock),
          .is_edge = edge_pixels >= kEdgePixels && most - least > kEdgeRange,
          .is_slanted = agrees && 3 * slant * slant > level * level && most - least > kSlantedRange,
          .detail = across + down};
}

}  // namespace

PictureKind kind_of_picture(const std::uint8_t* luma, std::size_t stride, std::uint32_t width, std::uint32_t height) {
  std::uint64_t blocks = 0, busy = 0, edges = 0, slanted = 0;
  std::int64_t detail = 0, slanted_detail = 0;
  for (std::uint32_t y = 0; y + kBlock < height; y += kBlock) {
    for (std::uint32_t x = 0; x + kBlock < width; x += kBlock) {
      const Block block = look_at(luma + stride * y + x, stride);
      ++blocks;
      busy += block.is_busy;
      edges += block.is_edge;
      slanted += block.is_slanted;
      detail += block.detail;
      if (block.is_slanted) slanted_detail += block.detail;
    }
  }
  const auto share = [&](std::uint64_t count) {
    return static_cast<double>(count) / static_cast<double>(std::max<std::uint64_t>(1, blocks));
  };
  if (share(busy) >= kDenseShare) return PictureKind::kDense;
  if (share(busy) >= kTexturedShare) {
    const bool is_slanted = share(slanted) >= kSlantedShare &&
                            static_cast<double>(slanted_detail) >= kSlantedOfDetail * static_cast<double>(detail);
    return is_slanted ? PictureKind::kSlanted : PictureKind::kTextured;
  }
  const bool is_text =
      share(busy) < kTextMostBusy && share(edges) >= kTextLeastEdges && share(edges) >= kTextEdgesOfBusy * share(busy);
  return is_text ? PictureKind::kText : PictureKind::kSmooth;
}

}  // namespace tintype
