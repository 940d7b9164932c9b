// Long runs of the VP8 encoder before libwebp's decoder, by command: many pictures and settings, the largest picture that the
// format has, and noise so large that its modes must be rationed.
//
//   vp8_long_run [--pictures N] [--seed S] [--noise MP,MP,...] [--largest]
//
// Every line of a failure names the picture and the settings. The exit status is 1 if there was one.
#include <webp/encode.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <sstream>
#include <string_view>

#include "kernels/simd/vp8_encoder.h"
#include "tests/kernels/vp8/judge.h"

namespace tintype::test {
namespace {

using vp8::Effort;
using vp8::Settings;

template <class T>
T pick(std::mt19937& random, std::initializer_list<T> of) {
  return of.begin()[random() % of.size()];
}

Settings some_settings(std::mt19937& random) {
  return {.quality = static_cast<int>(random() % 101),
          .effort = pick(random, {Effort::kFast, Effort::kDefault, Effort::kBest}),
          .partitions = pick(random, {1, 1, 2, 4, 8, 8}),
          .segments = static_cast<int>(1 + random() % 4),
          .simple_filter = random() % 8 == 0,
          .filter_strength = pick(random, {0, 30, 60, 60, 100}),
          .filter_sharpness = static_cast<int>(random() % 3 ? 0 : random() % 8)};
}

Planes420 some_picture(std::mt19937& random) {
  const Scene scene = kScenes[random() % std::size(kScenes)];
  const auto side = [&](std::uint32_t most) { return 1 + static_cast<std::uint32_t>(random() % most); };
  const std::uint32_t seed = static_cast<std::uint32_t>(random());
  switch (random() % 16) {
    case 0: return make_planes(scene, vp8::kMostSide, side(17), seed);
    case 1: return make_planes(scene, side(17), vp8::kMostSide, seed);
    case 2: return make_planes(scene, side(2000), side(1500), seed);
    default: return make_planes(scene, side(400), side(300), seed);
  }
}

int many(int pictures, std::uint32_t seed) {
  std::mt19937 random(seed);
  int failures = 0;
  for (int i = 0; i < pictures; ++i) {
    const Planes420 picture = some_picture(random);
    const std::string found = judge(picture, some_settings(random), simd::encode_vp8);
    if (found.empty()) continue;
    std::printf("%s\n", found.c_str());
    ++failures;
  }
  std::printf("%d pictures and settings, seed %u: %d wrong\n", pictures, seed, failures);
  return failures;
}

int largest() {
  int failures = 0;
  for (const Effort effort : {Effort::kFast, Effort::kDefault, Effort::kBest}) {
    std::size_t bytes = 0;
    const std::string found =
        judge(make_planes(Scene::kShapes, vp8::kMostSide, vp8::kMostSide, 1), {.effort = effort}, simd::encode_vp8, &bytes);
    std::printf("16383 x 16383, effort %d: %s, %zu bytes\n", static_cast<int>(effort), found.empty() ? "exact" : found.c_str(),
                bytes);
    failures += !found.empty();
  }
  return failures;
}

double psnr(const Planes420& a, const Planes420& b) {
  double error = 0, samples = 0;
  for (const auto plane : {&Planes420::y, &Planes420::u, &Planes420::v}) {
    for (std::size_t i = 0; i < (a.*plane).size(); ++i) error += std::pow((a.*plane)[i] - (b.*plane)[i], 2);
    samples += static_cast<double>((a.*plane).size());
  }
  return 10 * std::log10(255.0 * 255.0 * samples / std::max(error, 1.0));
}

// Bytes and PSNR of libwebp -m 4.
std::string libwebp_on(const Planes420& planes, int quality) {
  WebPConfig config;
  WebPPicture picture;
  if (!WebPConfigInit(&config) || !WebPPictureInit(&picture)) return "another version";
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
  std::ostringstream out;
  if (!WebPEncode(&config, &picture)) {
    out << "error " << picture.error_code;
  } else {
    out << writer.size << " bytes, " << psnr(planes, decoded({writer.mem + 20, writer.size - 20})) << " dB";
  }
  return out.str();
}

int noise(double megapixels) {
  const auto side = static_cast<std::uint32_t>(std::lround(std::sqrt(megapixels * 1e6)));
  const Planes420 planes = make_planes(Scene::kNoise, side, side, 1);
  const Settings settings{.quality = 75};
  std::size_t bytes = 0;
  const std::string found = judge(planes, settings, simd::encode_vp8, &bytes);
  std::printf("noise of %.0f MP, q75: %s, %zu bytes", megapixels, found.empty() ? "exact" : found.c_str(), bytes);
  if (const auto frame = simd::encode_vp8(planes.picture(), settings)) {
    std::printf(", %.3f dB", psnr(planes, decoded(*frame)));
  }
  std::printf("; libwebp -m 4: %s\n", libwebp_on(planes, 75).c_str());
  return !found.empty();
}

}  // namespace
}  // namespace tintype::test

int main(int argc, char** argv) {
  using namespace tintype::test;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  int pictures = 0, failures = 0;
  std::uint32_t seed = 1;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (name == "--pictures") {
      pictures = std::atoi(value);
      ++i;
    } else if (name == "--seed") {
      seed = static_cast<std::uint32_t>(std::atoi(value));
      ++i;
    } else if (name == "--noise") {
      std::istringstream sizes(value);
      for (std::string size; std::getline(sizes, size, ',');) failures += noise(std::atof(size.c_str()));
      ++i;
    } else if (name == "--largest") {
      failures += largest();
    } else {
      std::puts("vp8_long_run [--pictures N] [--seed S] [--noise MP,MP,...] [--largest]");
      return 2;
    }
  }
  if (pictures > 0) failures += many(pictures, seed);
  return failures > 0;
}
