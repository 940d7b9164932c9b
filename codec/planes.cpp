#include "codec/planes.h"

#include <algorithm>
#include <vector>

namespace tintype {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

constexpr int kFineOne = 64;  // of a sample
constexpr int kWeights = 16;  // 9 + 3 + 3 + 1

// Chroma of one row of pixels: the nearer row of samples counts three times as much as the farther one, and so do
// the columns. In sixteenths.
void interpolate(const std::uint16_t* nearer, const std::uint16_t* farther, std::uint32_t samples, std::uint32_t pixels,
                 std::vector<int>& out) {
  const auto column = [&](std::uint32_t i) { return 3 * nearer[i] + farther[i]; };
  for (std::uint32_t x = 0; x < pixels; ++x) {
    const std::uint32_t near = x / 2;
    const std::uint32_t far = x % 2 != 0 ? std::min(near + 1, samples - 1) : near - (near > 0 ? 1 : 0);
    out[x] = 3 * column(near) + column(far);
  }
}

std::uint8_t to_byte(double value) { return static_cast<std::uint8_t>(std::clamp(value + 0.5, 0.0, 255.0)); }

}  // namespace

Planes Planes::allocate(std::uint32_t width, std::uint32_t height, Chroma chroma) {
  Planes planes;
  planes.chroma_ = chroma;
  planes.width_ = width;
  planes.height_ = height;
  planes.samples_ = Bytes(planes_bytes(width, height, chroma));
  return planes;
}

std::size_t Planes::offset_of(int plane) const {
  std::size_t samples = 0;
  for (int before = 0; before < plane; ++before) samples += std::size_t{plane_width(before)} * plane_height(before);
  return samples * sizeof(std::uint16_t);
}

// Bytes are allocated with new[], which aligns them for any sample.
std::span<std::uint16_t> Planes::plane(int plane) {
  return {reinterpret_cast<std::uint16_t*>(samples_.data() + offset_of(plane)),
          std::size_t{plane_width(plane)} * plane_height(plane)};
}

std::span<const std::uint16_t> Planes::plane(int plane) const {
  return {reinterpret_cast<const std::uint16_t*>(samples_.data() + offset_of(plane)),
          std::size_t{plane_width(plane)} * plane_height(plane)};
}

namespace {

// Chroma of every pixel of row `y`, in sixteenths.
void chroma_row(const Planes& planes, int plane, std::uint32_t y, std::vector<int>& out) {
  const auto row = [&](std::uint32_t at) {
    return planes.plane(plane).data() + std::size_t{at} * planes.chroma_width();
  };
  if (planes.chroma() == Chroma::kFull) {
    std::transform(row(y), row(y) + planes.width(), out.begin(),
                   [](std::uint16_t sample) { return kWeights * sample; });
    return;
  }
  const std::uint32_t near = y / 2;
  const std::uint32_t far = y % 2 != 0 ? std::min(near + 1, planes.chroma_height() - 1) : near - (near > 0 ? 1 : 0);
  interpolate(row(near), row(far), planes.chroma_width(), planes.width(), out);
}

}  // namespace

Image to_rgb(const Planes& planes) {
  Image image = Image::allocate(planes.width(), planes.height(), 3);
  std::vector<int> cb(planes.width()), cr(planes.width());
  for (std::uint32_t y = 0; y < planes.height(); ++y) {
    chroma_row(planes, 1, y, cb);
    chroma_row(planes, 2, y, cr);
    const std::uint16_t* luma = planes.plane(0).data() + std::size_t{y} * planes.width();
    std::uint8_t* out = image.row(y);
    for (std::uint32_t x = 0; x < planes.width(); ++x, out += 3) {
      const double level = static_cast<double>(luma[x]) / kFineOne;
      const double blue = static_cast<double>(cb[x]) / (kWeights * kFineOne) - 128;
      const double red = static_cast<double>(cr[x]) / (kWeights * kFineOne) - 128;
      out[0] = to_byte(level + 1.402 * red);
      out[1] = to_byte(level - 0.344136 * blue - 0.714136 * red);
      out[2] = to_byte(level + 1.772 * blue);
    }
  }
  return image;
}

Planes with_half_chroma(const Planes& planes) {
  Planes half = Planes::allocate(planes.width(), planes.height());
  std::ranges::copy(planes.plane(0), half.plane(0).begin());
  for (const int plane : {1, 2}) {
    std::uint16_t* out = half.plane(plane).data();
    for (std::uint32_t y = 0; y < half.chroma_height(); ++y) {
      const auto row = [&](std::uint32_t at) {
        return planes.plane(plane).data() + std::size_t{std::min(at, planes.height() - 1)} * planes.width();
      };
      const std::uint16_t* const upper = row(2 * y);
      const std::uint16_t* const lower = row(2 * y + 1);
      for (std::uint32_t x = 0; x < half.chroma_width(); ++x) {
        const std::uint32_t left = 2 * x, right = std::min(left + 1, planes.width() - 1);
        *out++ = static_cast<std::uint16_t>((upper[left] + upper[right] + lower[left] + lower[right] + 2) / 4);
      }
    }
  }
  return half;
}

std::uint32_t width_of(const Pixels& pixels) {
  return std::visit(
      Overloaded{[](const Image& image) { return image.width; }, [](const Planes& planes) { return planes.width(); }},
      pixels);
}

std::uint32_t height_of(const Pixels& pixels) {
  return std::visit(
      Overloaded{[](const Image& image) { return image.height; }, [](const Planes& planes) { return planes.height(); }},
      pixels);
}

}  // namespace tintype
