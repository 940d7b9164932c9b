#include "codec/jpeg/coefficient_ladder.h"

#include <algorithm>
#include <utility>

#include "codec/planar/upright_ladder.h"
#include "kernels/simd/jpeg_planes.h"

namespace tintype {
namespace {

// A row of blocks at a time, so that the component's samples are never there all at once.
void push_component(const JpegComponent& component, const std::int16_t* coefficients, std::size_t index,
                    UprightLadder& ladder) {
  const std::size_t stride = std::size_t{component.width_blocks} * component.scaled_size;
  std::vector<std::uint8_t> samples(stride * component.scaled_size);
  for (std::uint32_t row = 0; row < component.height_blocks; ++row) {
    const JpegBlocks blocks{coefficients + std::size_t{row} * component.width_blocks * 64, component.width_blocks, 1,
                            component.quantiser};
    simd::jpeg_plane(blocks, component.scaled_size, samples.data(), stride);
    const std::uint32_t rows = std::min(component.scaled_size, ladder.rows_left(index));
    for (std::uint32_t i = 0; i < rows; ++i) ladder.push_row(index, samples.data() + i * stride);
  }
}

}  // namespace

std::vector<Planes> make_ladder(std::span<const JpegComponent> components, ByteView coefficients,
                                std::uint8_t orientation, std::span<const PictureSize> sizes) {
  std::vector<PlaneSource> sources;
  for (const JpegComponent& component : components) sources.push_back(component.plane);
  UprightLadder ladder(sources, orientation, sizes);
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < components.size(); ++i) {
    push_component(components[i], reinterpret_cast<const std::int16_t*>(coefficients.data() + at), i, ladder);
    at += coefficient_bytes(components[i]);
  }
  return std::move(ladder).take();
}

}  // namespace tintype
