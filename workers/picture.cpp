#include "workers/picture.h"

#include <utility>

#include "codec/planes.h"

namespace tintype {
namespace {

class HostPicture final : public Picture {
 public:
  HostPicture(const PictureShape& shape, UniqueFd fd) : shape_(shape), fd_(std::move(fd)) {}
  const PictureShape& shape() const override { return shape_; }
  Residence residence() const override { return Residence::kHost; }
  Result<int> host_fd() const override { return fd_.get(); }

 private:
  const PictureShape shape_;
  const UniqueFd fd_;
};

}  // namespace

std::uint64_t PictureShape::bytes() const {
  if (layout == PixelLayout::kJpegCoefficients) {
    constexpr std::uint64_t kBlockBytes = 64 * sizeof(std::int16_t), kMostComponents = 3;
    const std::uint64_t blocks = ((std::uint64_t{width} + 7) / 8) * ((std::uint64_t{height} + 7) / 8);
    return kCoefficientsHeaderBytes + kMostComponents * blocks * kBlockBytes;
  }
  if (!is_planar()) return std::uint64_t{width} * height * channels();
  return planes_bytes(width, height, layout == PixelLayout::kYcc444 ? Chroma::kFull : Chroma::kHalf);
}

PictureHandle make_host_picture(const PictureShape& shape, UniqueFd fd) {
  return std::make_shared<HostPicture>(shape, std::move(fd));
}

}  // namespace tintype
