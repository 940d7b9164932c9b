#include "tests/kernels/vp8/libwebp.h"

#include <webp/encode.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <format>
#include <memory>

namespace tintype::test {

std::expected<std::vector<std::uint8_t>, std::string> libwebp_file(const Planes420& planes, int quality) {
  WebPConfig config;
  WebPPicture picture;
  if (!WebPConfigInit(&config) || !WebPPictureInit(&picture)) return std::unexpected("libwebp is another version");
  config.quality = static_cast<float>(quality);
  Planes420 copy = planes;
  picture.colorspace = WEBP_YUV420;
  picture.width = static_cast<int>(planes.width);
  picture.height = static_cast<int>(planes.height);
  picture.y = copy.y.data();
  picture.u = copy.u.data();
  picture.v = copy.v.data();
  picture.y_stride = picture.width;
  picture.uv_stride = (picture.width + 1) / 2;
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  const std::unique_ptr<WebPMemoryWriter, decltype(&WebPMemoryWriterClear)> owner(&writer, WebPMemoryWriterClear);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  if (!WebPEncode(&config, &picture))
    return std::unexpected(std::format("libwebp's error {}", int(picture.error_code)));
  if (writer.size < 20 || std::memcmp(writer.mem + 12, "VP8 ", 4) != 0)
    return std::unexpected("libwebp wrote an extended file");
  return std::vector(writer.mem, writer.mem + writer.size);
}

double psnr(const Planes420& a, const Planes420& b) {
  double error = 0, samples = 0;
  for (const auto plane : {&Planes420::y, &Planes420::u, &Planes420::v}) {
    for (std::size_t i = 0; i < (a.*plane).size(); ++i) error += std::pow((a.*plane)[i] - (b.*plane)[i], 2);
    samples += static_cast<double>((a.*plane).size());
  }
  return 10 * std::log10(255.0 * 255.0 * samples / std::max(error, 1.0));
}

}  // namespace tintype::test
