#include "codec/webp/video_planes.h"

#include "kernels/simd/resize_rows.h"

namespace tintype {

Bytes video_samples(const Planes& planes, int plane) {
  const std::span<const std::uint16_t> samples = planes.plane(plane);
  Bytes bytes(samples.size());
  simd::code_row(samples.data(), samples.size(), plane == 0 ? kVideoLuma : kVideoChroma, bytes.data());
  return bytes;
}

}  // namespace tintype
