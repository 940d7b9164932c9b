#include "tests/kernels/vp8/judge.h"

#include <cstring>
#include <format>

namespace tintype::test {
namespace {

Planes420 visible(const vp8::Reconstruction& from, std::uint32_t width, std::uint32_t height) {
  Planes420 planes(width, height);
  const auto crop = [](const std::vector<std::uint8_t>& plane, std::size_t stride, std::size_t across,
                       std::vector<std::uint8_t>& out) {
    for (std::size_t row = 0; row * across < out.size(); ++row) {
      std::memcpy(out.data() + row * across, plane.data() + row * stride, across);
    }
  };
  crop(from.y, from.luma_stride, width, planes.y);
  crop(from.u, from.luma_stride / 2, (width + 1) / 2, planes.u);
  crop(from.v, from.luma_stride / 2, (width + 1) / 2, planes.v);
  return planes;
}

}  // namespace

std::string describe(const Planes420& planes, const vp8::Settings& settings) {
  return std::format("{} x {} q{} effort {} partitions {} segments {} filter {}{} sharpness {}", planes.width,
                     planes.height, settings.quality, static_cast<int>(settings.effort), settings.partitions,
                     settings.segments, settings.filter_strength, settings.simple_filter ? " simple" : "",
                     settings.filter_sharpness);
}

std::string judge(const Planes420& planes, const vp8::Settings& settings, Encode encode, std::size_t* bytes) {
  vp8::Reconstruction own;
  const Result<Bytes> frame = encode(planes.picture(), settings, &own);
  if (!frame) return describe(planes, settings) + ": " + frame.error().message;
  if (bytes) *bytes = frame->size();
  const Planes420 shown = decoded(*frame);
  if (shown.width == 0) return describe(planes, settings) + ": libwebp refuses the frame";
  const std::string apart = difference(visible(own, planes.width, planes.height), shown);
  return apart.empty() ? apart : describe(planes, settings) + ": " + apart;
}

}  // namespace tintype::test
