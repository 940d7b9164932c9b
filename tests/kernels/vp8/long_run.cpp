// Long runs of the VP8 encoder before libwebp's decoder, by command: many pictures and settings, the largest picture
// that the format has, and noise so large that its modes must be rationed, which must be better than libwebp -m 4's.
//
//   vp8_long_run [--pictures N] [--seed S] [--noise MP,MP,...] [--largest]
//
// Every line of a failure names the picture and the settings. The exit status is 1 if there was one.
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <format>
#include <random>
#include <span>
#include <sstream>
#include <string_view>

#include "kernels/simd/ssimulacra2.h"
#include "kernels/simd/vp8_encoder.h"
#include "tests/kernels/vp8/judge.h"
#include "tests/kernels/vp8/libwebp.h"

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
          .effort = pick(random, {Effort::kFastest, Effort::kFast, Effort::kDefault, Effort::kBest}),
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
    case 0:
      return make_planes(scene, vp8::kMostSide, side(17), seed);
    case 1:
      return make_planes(scene, side(17), vp8::kMostSide, seed);
    case 2:
      return make_planes(scene, side(2000), side(1500), seed);
    default:
      return make_planes(scene, side(400), side(300), seed);
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
  for (const Effort effort : {Effort::kFastest, Effort::kFast, Effort::kDefault, Effort::kBest}) {
    std::size_t bytes = 0;
    const std::string found = judge(make_planes(Scene::kShapes, vp8::kMostSide, vp8::kMostSide, 1), {.effort = effort},
                                    simd::encode_vp8, &bytes);
    std::printf("16383 x 16383, effort %d: %s, %zu bytes\n", static_cast<int>(effort),
                found.empty() ? "exact" : found.c_str(), bytes);
    failures += !found.empty();
  }
  return failures;
}

// As RGB, each chroma sample for all of its pixels.
std::vector<std::uint8_t> rgb_of(const Planes420& planes) {
  std::vector<std::uint8_t> rgb;
  rgb.reserve(std::size_t{planes.width} * planes.height * 3);
  const auto put = [&](double level) {
    rgb.push_back(static_cast<std::uint8_t>(std::clamp(std::lround(level), 0l, 255l)));
  };
  for (std::uint32_t y = 0; y < planes.height; ++y) {
    for (std::uint32_t x = 0; x < planes.width; ++x) {
      const std::size_t at = std::size_t{y} * planes.width + x,
                        chroma = std::size_t{y / 2} * ((planes.width + 1) / 2) + x / 2;
      const double luma = 1.164384 * (planes.y[at] - 16), blue = planes.u[chroma] - 128, red = planes.v[chroma] - 128;
      put(luma + 1.596027 * red);
      put(luma - 0.391762 * blue - 0.812968 * red);
      put(luma + 2.017232 * blue);
    }
  }
  return rgb;
}

double ssimulacra2_of(const Planes420& original, const Planes420& candidate) {
  const std::vector<std::uint8_t> a = rgb_of(original), b = rgb_of(candidate);
  const auto view = [&](const std::vector<std::uint8_t>& rgb) {
    return SrgbView::interleaved(rgb.data(), original.width, original.height, 3, std::size_t{original.width} * 3);
  };
  return simd::ssimulacra2(view(a), view(b)).value_or(NAN);
}

struct Coded {
  std::size_t bytes = 0;
  double psnr = 0;
  double ssimulacra2 = 0;
  double seconds = 0;
};

std::string told(const Coded& coded) {
  return std::format("{} bytes, {:.3f} dB, SSIMULACRA 2 {:.2f}, {:.1f} s", coded.bytes, coded.psnr, coded.ssimulacra2,
                     coded.seconds);
}

Coded judged(const Planes420& planes, std::size_t bytes, const Planes420& shown, double seconds) {
  return {bytes, psnr(planes, shown), ssimulacra2_of(planes, shown), seconds};
}

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Of libwebp -m 4, or what is wrong.
std::expected<Coded, std::string> by_libwebp(const Planes420& planes, int quality) {
  const double began = cpu_seconds();
  const auto file = libwebp_file(planes, quality);
  const double seconds = cpu_seconds() - began;
  if (!file) return std::unexpected(file.error());
  return judged(planes, file->size(), decoded(std::span(*file).subspan(20)), seconds);
}

// Of ours, once the decoder has shown that it is exact; what is wrong, if it is not.
std::expected<Coded, std::string> by_ours(const Planes420& planes, int quality) {
  const Settings settings{.quality = quality};
  if (std::string wrong = judge(planes, settings, simd::encode_vp8); !wrong.empty())
    return std::unexpected(std::move(wrong));
  const double began = cpu_seconds();
  const auto frame = simd::encode_vp8(planes.picture(), settings);
  if (!frame) return std::unexpected(frame.error().message);
  const double seconds = cpu_seconds() - began;
  return judged(planes, frame->size() + 20, decoded(*frame), seconds);
}

// The highest quality, below `most`, at which our file has no more than so many bytes.
int quality_of_bytes(const Planes420& planes, std::size_t bytes, int most) {
  int low = 0, high = most;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    const auto frame = simd::encode_vp8(planes.picture(), {.quality = middle});
    (frame && frame->size() + 20 <= bytes ? low : high) = middle;
  }
  return low;
}

// Ours at the same quality; and what it is at libwebp's bytes, between the two qualities whose files are next to them.
int noise(double megapixels) {
  constexpr int kQuality = 75;
  const auto side = static_cast<std::uint32_t>(std::lround(std::sqrt(megapixels * 1e6)));
  const Planes420 planes = make_planes(Scene::kNoise, side, side, 1);
  std::printf("noise of %.0f MP\n", megapixels);
  const auto libwebp = by_libwebp(planes, kQuality);
  std::printf("  libwebp -m 4 q%d: %s\n", kQuality, (libwebp ? told(*libwebp) : libwebp.error()).c_str());
  int failures = 0;
  const auto tell = [&](int quality) {
    const auto ours = by_ours(planes, quality);
    std::printf("  ours q%d: %s%s\n", quality, ours ? "exact, " : "", (ours ? told(*ours) : ours.error()).c_str());
    failures += !ours;
    return ours;
  };
  tell(kQuality);
  if (!libwebp) return failures;
  const int below = quality_of_bytes(planes, libwebp->bytes, kQuality + 10);
  const auto less = tell(below), more = tell(below + 1);
  if (!less || !more) return failures;
  const double part = (double(libwebp->bytes) - double(less->bytes)) / (double(more->bytes) - double(less->bytes));
  const double decibels = std::lerp(less->psnr, more->psnr, part) - libwebp->psnr;
  const double score = std::lerp(less->ssimulacra2, more->ssimulacra2, part) - libwebp->ssimulacra2;
  std::printf("  ours at libwebp's bytes: %+.2f dB, SSIMULACRA 2 %+.2f\n", decibels, score);
  return failures + (decibels <= 0 || score <= 0);
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
