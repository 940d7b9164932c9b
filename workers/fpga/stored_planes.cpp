#include "workers/fpga/stored_planes.h"

#include <string>
#include <utility>

namespace tintype {
namespace {

constexpr std::uint32_t kWordBytes = sizeof(tt_word);

}  // namespace

WordPlane WordPlane::allocate(std::uint32_t width, std::uint32_t height, bool is_8_bit) {
  const std::uint32_t in_a_word = is_8_bit ? kWordBytes : kWordBytes / 2;
  const std::uint32_t stride = (width + in_a_word - 1) / in_a_word;
  return {width, height, stride, is_8_bit, std::vector<tt_word>(std::size_t{stride} * height)};
}

std::span<const std::uint8_t> WordPlane::bytes() const {
  return {reinterpret_cast<const std::uint8_t*>(words.data()), words.size() * kWordBytes};
}

std::span<std::uint8_t> WordPlane::writable_bytes() {
  return {reinterpret_cast<std::uint8_t*>(words.data()), words.size() * kWordBytes};
}

Result<std::vector<StoredPlane>> stored_planes(std::span<const JpegComponent> components, ByteView coefficients,
                                               CardCalls& calls) {
  std::vector<StoredPlane> planes;
  for (const JpegComponent& component : components) {
    const std::uint64_t width = std::uint64_t{component.width_blocks} * component.scaled_size;
    if (width > kHlsMostWidth) {
      return fail(ErrorCode::kUnsupported,
                  "a picture of " + std::to_string(width) + " px is wider than the FPGA's kernels take");
    }
    planes.push_back({component.plane, WordPlane::allocate(static_cast<std::uint32_t>(width),
                                                           component.height_blocks * component.scaled_size, true)});
  }
  std::vector<std::size_t> transforms;
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const JpegComponent& component = components[i];
    const std::uint64_t bytes = coefficient_bytes(component);
    WordPlane& out = planes[i].samples;
    transforms.push_back(calls.submit(
        {"jpeg_plane",
         {coefficients.subspan(at, bytes),
          ToKernel(reinterpret_cast<const std::uint8_t*>(component.quantiser.data()), sizeof component.quantiser),
          FromKernel(out.writable_bytes()), component.width_blocks, component.height_blocks, component.scaled_size,
          out.stride}}));
    at += bytes;
  }
  TT_TRY(calls.wait(transforms));
  return planes;
}

}  // namespace tintype
