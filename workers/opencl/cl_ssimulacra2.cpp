#include "workers/opencl/cl_ssimulacra2.h"

#include <algorithm>
#include <vector>

#include "kernels/ssimulacra2_formula.h"
#include "workers/opencl/arena_places.h"
#include "workers/opencl/cl_launch.h"
#include "workers/opencl/cl_queue.h"

namespace tintype {
namespace {

using namespace ssimulacra2;

constexpr std::string_view kProgram = "ssimulacra2";
constexpr std::size_t kBlurredMaps = 5, kRowsAGroup = 32;  // of kernel ss2_blur_across
constexpr std::size_t kSumsAColumn = 2 * kMaps;

// Samples without gaps: RGB, or RGBA.
std::vector<std::uint8_t> packed(const SrgbView& view) {
  const std::uint8_t* const channels[] = {view.red, view.green, view.blue, view.alpha};
  const std::size_t count = view.alpha ? 4 : 3;
  std::vector<std::uint8_t> out(count * view.width * view.height);
  auto at = out.begin();
  for (std::uint32_t y = 0; y < view.height; ++y)
    for (std::uint32_t x = 0; x < view.width; ++x)
      for (std::size_t c = 0; c < count; ++c) *at++ = channels[c][y * view.stride_bytes + x * view.step_bytes];
  return out;
}

// Linear light of every sample: of every alpha, or of opaque ones alone. Made here, because it takes a division.
std::vector<float> linear_table(bool has_alpha, float background) {
  std::vector<float> table;
  for (int alpha = has_alpha ? 0 : 255; alpha < 256; ++alpha)
    for (int sample = 0; sample < 256; ++sample)
      table.push_back(
          linear_from_srgb(blend(static_cast<std::uint8_t>(sample), static_cast<std::uint8_t>(alpha), background)));
  return table;
}

template <typename T>
ByteView bytes_of_all(const std::vector<T>& items) {
  return {reinterpret_cast<const std::uint8_t*>(items.data()), items.size() * sizeof(T)};
}

}  // namespace

struct ClSsimulacra2::Picture {
  std::uint32_t channels;
  std::vector<std::uint8_t> pixels;
  std::vector<float> table;
  std::uint64_t pixels_at, table_at;

  Picture(const SrgbView& view, float background, ArenaPlaces& places)
      : channels(view.alpha ? 4 : 3),
        pixels(packed(view)),
        table(linear_table(view.alpha, background)),
        pixels_at(places.take(pixels.size())),
        table_at(places.take(table.size() * sizeof(float))) {}
};

// Both pictures at one scale.
struct ClSsimulacra2::Scale {
  std::uint32_t width, height;
  std::uint64_t planes_at[2], sums_at;
  std::vector<double> sums;  // [channel][sum][column]

  Scale(std::uint32_t w, std::uint32_t h, ArenaPlaces& places)
      : width(w), height(h), sums(kChannels * kSumsAColumn * w) {
    for (std::uint64_t& at : planes_at) at = places.take(kChannels * pixels() * sizeof(float));
    sums_at = places.take(sums.size() * sizeof(double));
  }
  std::uint64_t pixels() const { return std::uint64_t{width} * height; }
  double sum_of(int channel, std::size_t which) const {
    double sum = 0;
    const double* columns = sums.data() + (static_cast<std::size_t>(channel) * kSumsAColumn + which) * width;
    for (std::uint32_t x = 0; x < width; ++x) sum += columns[x];
    return sum;
  }
  ScaleNorms norms() const {
    ScaleNorms norms;
    for (int c = 0; c < kChannels; ++c)
      for (std::size_t map = 0; map < kMaps; ++map)
        norms[c][map] = norms_of(sum_of(c, map), sum_of(c, kMaps + map), pixels());
    return norms;
  }
};

std::span<const std::string_view> ClSsimulacra2::programs() { return {&kProgram, 1}; }

Result<ClSsimulacra2> ClSsimulacra2::create(const ClDevice& device, ClMemoryPool& memory) {
  TT_ASSIGN(ClQueue queue, device.make_queue());
  Kernels kernels;
  TT_ASSIGN(kernels.linear, device.make_kernel(kProgram, "ss2_linear"));
  TT_ASSIGN(kernels.halve, device.make_kernel(kProgram, "ss2_halve"));
  TT_ASSIGN(kernels.xyb, device.make_kernel(kProgram, "ss2_xyb"));
  TT_ASSIGN(kernels.blur_across, device.make_kernel(kProgram, "ss2_blur_across"));
  TT_ASSIGN(kernels.compare, device.make_kernel(kProgram, "ss2_compare"));
  return ClSsimulacra2(memory, std::move(queue), std::move(kernels));
}

Result<double> ClSsimulacra2::score(const SrgbView& original, const SrgbView& candidate) {
  TT_TRY(check_sizes(original, candidate));
  if (!original.alpha) return score_on(kGreyBackground, original, candidate);
  TT_ASSIGN(const double on_dark, score_on(kDarkBackground, original, candidate));
  TT_ASSIGN(const double on_bright, score_on(kBrightBackground, original, candidate));
  return std::min(on_dark, on_bright);
}

Result<double> ClSsimulacra2::score_on(float background, const SrgbView& original, const SrgbView& candidate) {
  ArenaPlaces places(0);
  const Picture pictures[] = {{original, background, places}, {candidate, background, places}};
  std::vector<Scale> scales;
  std::uint32_t width = original.width, height = original.height;
  for (int i = scale_count(width, height); i > 0; --i, width = halved(width), height = halved(height))
    scales.emplace_back(width, height, places);
  const std::uint64_t across_at = places.take(kChannels * kBlurredMaps * scales.front().pixels() * sizeof(float));
  const std::uint64_t sizes[] = {places.end()};
  TT_ASSIGN(const std::vector<ClMemoryPool::Loan> loans, memory_->borrow(sizes));
  cl_mem arena = loans[0].get();

  const auto enqueue_all = [&]() -> Status {
    for (int i = 0; i < 2; ++i)
      TT_TRY(enqueue_linear(arena, pictures[i], scales.front().pixels(), scales.front().planes_at[i]));
    for (std::size_t i = 0; i < scales.size(); ++i)
      TT_TRY(enqueue_scale(arena, scales[i], i + 1 < scales.size() ? &scales[i + 1] : nullptr, across_at));
    TT_TRY(wait_for(queue_.get()));
    for (Scale& scale : scales) {
      const std::span<std::uint8_t> sums{reinterpret_cast<std::uint8_t*>(scale.sums.data()),
                                         scale.sums.size() * sizeof(double)};
      TT_TRY(enqueue_read(queue_.get(), arena, scale.sums_at, sums));
    }
    return {};
  };
  const Status enqueued = enqueue_all();
  // Also after a failure: what is under way works on memory that goes now.
  const Status finished = wait_for(queue_.get());
  TT_TRY(enqueued);
  TT_TRY(finished);
  std::vector<ScaleNorms> norms;
  for (const Scale& scale : scales) norms.push_back(scale.norms());
  return ssimulacra2::score(norms);
}

Status ClSsimulacra2::enqueue_linear(cl_mem arena, const Picture& picture, std::uint64_t pixels, std::uint64_t out_at) {
  cl_command_queue queue = queue_.get();
  TT_TRY(enqueue_write(queue, arena, picture.pixels_at, picture.pixels));
  TT_TRY(enqueue_write(queue, arena, picture.table_at, bytes_of_all(picture.table)));
  return launch(queue, kernels_.linear, {{pixels, 1}}, "ss2_linear", arena, cl_ulong{picture.pixels_at},
                cl_ulong{pixels}, picture.channels, cl_ulong{picture.table_at}, cl_ulong{out_at});
}

Status ClSsimulacra2::enqueue_scale(cl_mem arena, const Scale& scale, const Scale* next, std::uint64_t across_at) {
  cl_command_queue queue = queue_.get();
  const Blur blur = make_blur();
  const Ss2Constants all = constants();
  for (int i = 0; i < 2; ++i) {
    const cl_ulong at = scale.planes_at[i];
    if (next) {
      TT_TRY(launch(queue, kernels_.halve, {{next->width, std::size_t{kChannels} * next->height}}, "ss2_halve", arena,
                    at, scale.width, scale.height, cl_ulong{next->planes_at[i]}));
    }
    TT_TRY(launch(queue, kernels_.xyb, {{scale.pixels(), 1}}, "ss2_xyb", arena, at, cl_ulong{scale.pixels()}, all));
  }
  const cl_ulong first_at = scale.planes_at[0], second_at = scale.planes_at[1];
  TT_TRY(launch(queue, kernels_.blur_across, {{scale.height, kChannels * kBlurredMaps}, {kRowsAGroup, 1}},
                "ss2_blur_across", arena, first_at, second_at, scale.width, scale.height, blur_single_end(scale.width),
                cl_ulong{across_at}, blur));
  return launch(queue, kernels_.compare, {{scale.width, kChannels}}, "ss2_compare", arena, first_at, second_at,
                cl_ulong{across_at}, scale.width, scale.height, cl_ulong{scale.sums_at}, blur, all);
}

}  // namespace tintype
