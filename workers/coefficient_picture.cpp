#include "workers/coefficient_picture.h"

#include "workers/shared_memory.h"
#include "workers/wire/byte_stream.h"

namespace tintype {
namespace {

void write_component(const JpegComponent& component, ByteWriter& out) {
  out.put(component.width_blocks);
  out.put(component.height_blocks);
  out.put(component.scaled_size);
  out.put(component.plane.width);
  out.put(component.plane.height);
  out.put(component.plane.extent_x);
  out.put(component.plane.extent_y);
  for (const std::uint16_t value : component.quantiser) out.put(value);
}

JpegComponent read_component(ByteReader& in) {
  JpegComponent component;
  component.width_blocks = in.take<std::uint32_t>();
  component.height_blocks = in.take<std::uint32_t>();
  component.scaled_size = in.take<std::uint32_t>();
  component.plane.width = in.take<std::uint32_t>();
  component.plane.height = in.take<std::uint32_t>();
  component.plane.extent_x = in.take<double>();
  component.plane.extent_y = in.take<double>();
  for (std::uint16_t& value : component.quantiser) value = in.take<std::uint16_t>();
  return component;
}

// One side of a component of a picture with `side` pixels there, not scaled. No sum here can overflow: sides are 32
// bit.
bool is_possible(std::uint32_t blocks, std::uint32_t scaled_size, std::uint32_t samples, double extent,
                 std::uint64_t side) {
  return blocks >= 1 && blocks <= (side + 7) / 8 && samples >= 1 && samples <= std::uint64_t{blocks} * scaled_size &&
         extent > samples - 1.0 && extent <= samples;  // false for what is no number
}

bool is_possible(const JpegComponent& component, const PictureShape& shape) {
  const std::uint32_t size = component.scaled_size;
  return (size == 1 || size == 2 || size == 4 || size == 8) &&
         is_possible(component.width_blocks, size, component.plane.width, component.plane.extent_x, shape.width) &&
         is_possible(component.height_blocks, size, component.plane.height, component.plane.extent_y, shape.height);
}

}  // namespace

Status write_coefficients(const JpegCoefficients& jpeg, int fd) {
  ByteWriter header;
  header.put(static_cast<std::uint32_t>(jpeg.components.size()));
  for (const JpegComponent& component : jpeg.components) write_component(component, header);
  TT_TRY(write_exactly(fd, header.written(), 0));
  return write_exactly(fd, jpeg.coefficients.view(), kCoefficientsHeaderBytes);
}

Result<std::vector<JpegComponent>> read_coefficient_header(ByteView header, const PictureShape& shape) {
  ByteReader in(header);
  const auto count = in.take<std::uint32_t>();
  bool possible = in.ok() && shape.layout == PixelLayout::kJpegCoefficients && (count == 1 || count == 3);
  std::vector<JpegComponent> components;
  for (std::uint32_t i = 0; possible && i < count; ++i) {
    components.push_back(read_component(in));
    possible = in.ok() && is_possible(components.back(), shape);
  }
  if (!possible)
    return fail(ErrorCode::kCorruptData, "a picture of coefficients has a header that no JPEG of its size has");
  return components;
}

Result<CoefficientPicture> read_coefficients(ByteView memory, const PictureShape& shape) {
  if (memory.size() < shape.bytes())
    return fail(ErrorCode::kCorruptData, "a picture of coefficients is shorter than agreed");
  CoefficientPicture picture;
  TT_ASSIGN(picture.components, read_coefficient_header(memory.first(kCoefficientsHeaderBytes), shape));
  // shape.bytes() has room for three components of as many blocks as a header may say.
  std::uint64_t bytes = 0;
  for (const JpegComponent& component : picture.components) bytes += coefficient_bytes(component);
  picture.coefficients = memory.subspan(kCoefficientsHeaderBytes, bytes);
  return picture;
}

}  // namespace tintype
