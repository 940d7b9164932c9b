#include "bench/vp8/coders.h"

#include <webp/decode.h>
#include <webp/encode.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <format>
#include <memory>

#include "kernels/simd/vp8_encoder.h"

namespace tintype::bench {
namespace {

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

Result<Bytes> encode_libwebp(const BenchPicture& picture, int method, int quality) {
  WebPConfig config;
  WebPPicture webp;
  if (!WebPConfigInit(&config) || !WebPPictureInit(&webp))
    return fail(ErrorCode::kInternal, "libwebp is another version");
  config.quality = static_cast<float>(quality);
  config.method = method;
  const vp8::Picture planes = picture.planes();
  webp.use_argb = 0;
  webp.colorspace = WEBP_YUV420;
  webp.width = static_cast<int>(planes.width);
  webp.height = static_cast<int>(planes.height);
  webp.y = const_cast<std::uint8_t*>(planes.y);
  webp.u = const_cast<std::uint8_t*>(planes.u);
  webp.v = const_cast<std::uint8_t*>(planes.v);
  webp.y_stride = static_cast<int>(planes.y_stride_bytes);
  webp.uv_stride = static_cast<int>(planes.uv_stride_bytes);
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  const std::unique_ptr<WebPMemoryWriter, decltype(&WebPMemoryWriterClear)> owner(&writer, WebPMemoryWriterClear);
  webp.writer = WebPMemoryWrite;
  webp.custom_ptr = &writer;
  if (!WebPEncode(&config, &webp))
    return fail(ErrorCode::kInternal, std::format("libwebp's error {}", int(webp.error_code)));
  return Bytes::copy_of({writer.mem, writer.size});
}

// A file of one chunk.
Bytes in_container(const Bytes& frame) {
  const std::size_t padded = frame.size() + frame.size() % 2;
  Bytes file(20 + padded);
  std::ranges::fill(file.mutable_view(), std::uint8_t{0});
  const auto put = [&](std::size_t at, std::size_t value) {
    for (std::size_t i = 0; i < 4; ++i) file.data()[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  };
  std::ranges::copy(std::string_view("RIFF    WEBPVP8 "), file.data());
  put(4, 12 + padded);
  put(16, frame.size());
  std::ranges::copy(frame.view(), file.data() + 20);
  return file;
}

double squared_error(const std::uint8_t* a, int stride_a, const std::uint8_t* b, int stride_b, std::uint32_t width,
                     std::uint32_t height) {
  std::uint64_t sum = 0;
  for (std::uint32_t y = 0; y < height; ++y, a += stride_a, b += stride_b) {
    std::uint32_t row = 0;
    for (std::uint32_t x = 0; x < width; ++x) row += static_cast<std::uint32_t>((a[x] - b[x]) * (a[x] - b[x]));
    sum += row;
  }
  return static_cast<double>(sum);
}

Result<double> psnr_of(const Bytes& file, const vp8::Picture& planes) {
  int width = 0, height = 0, stride = 0, uv_stride = 0;
  std::uint8_t *u = nullptr, *v = nullptr;
  const std::unique_ptr<std::uint8_t, decltype(&WebPFree)> y(
      WebPDecodeYUV(file.data(), file.size(), &width, &height, &u, &v, &stride, &uv_stride), WebPFree);
  if (!y) return fail(ErrorCode::kCorruptImage, "libwebp refuses the file");
  const auto luma_stride = static_cast<int>(planes.y_stride_bytes),
             chroma_stride = static_cast<int>(planes.uv_stride_bytes);
  const double error =
      squared_error(y.get(), stride, planes.y, luma_stride, planes.width, planes.height) +
      squared_error(u, uv_stride, planes.u, chroma_stride, planes.chroma_width(), planes.chroma_height()) +
      squared_error(v, uv_stride, planes.v, chroma_stride, planes.chroma_width(), planes.chroma_height());
  const double samples = double(planes.width) * planes.height + 2.0 * planes.chroma_width() * planes.chroma_height();
  return 10 * std::log10(255.0 * 255.0 * samples / std::max(error, 1.0));
}

}  // namespace

std::vector<Coder> every_coder() {
  std::vector<Coder> coders;
  for (int method = 0; method <= 6; ++method) coders.push_back({std::format("libwebp m{}", method), true, method});
  const char* const names[] = {"fastest", "fast", "default", "best"};
  for (int effort = 0; effort < 4; ++effort) coders.push_back({names[effort], false, effort});
  return coders;
}

Result<CodedFile> encode_with(const Coder& coder, const BenchPicture& picture, int quality) {
  CodedFile file;
  const double began = cpu_seconds();
  if (coder.is_libwebp) {
    TT_ASSIGN(file.bytes, encode_libwebp(picture, coder.effort, quality));
  } else {
    const vp8::Settings settings{.quality = quality, .effort = static_cast<vp8::Effort>(coder.effort)};
    TT_ASSIGN(const Bytes frame, simd::encode_vp8(picture.planes(), settings));
    file.bytes = in_container(frame);
  }
  file.cpu_seconds = cpu_seconds() - began;
  return file;
}

Result<Worth> worth_of(const CodedFile& file, const BenchPicture& picture, const Judge& judge) {
  Worth worth;
  TT_ASSIGN(worth.psnr, psnr_of(file.bytes, picture.planes()));
  int width = 0, height = 0;
  const std::unique_ptr<std::uint8_t, decltype(&WebPFree)> rgb(
      WebPDecodeRGB(file.bytes.data(), file.bytes.size(), &width, &height), WebPFree);
  if (!rgb) return fail(ErrorCode::kCorruptImage, "libwebp refuses the file");
  TT_ASSIGN(worth.ssimulacra2, judge.score(rgb.get()));
  return worth;
}

}  // namespace tintype::bench
