#include "bench/gpu/kernels.h"

#include <algorithm>
#include <format>
#include <memory>

#include "codec/picture_view.h"
#include "kernels/reference/ssimulacra2.h"
#include "kernels/simd/jpeg_planes.h"
#include "kernels/simd/ssimulacra2.h"
#include "workers/opencl/cl_ssimulacra2.h"

namespace tintype::bench {
namespace {

constexpr std::size_t kMostPhotos = 6;
constexpr std::uint32_t kComparedSidePx = 1024;

// A photo as each kernel takes it.
struct Sample {
  JpegCoefficients jpeg;
  Image original, candidate;
};

// Fewer levels: artefacts that every photo has after it.
Image coarser(const Image& image) {
  Image out = Image::allocate(image.width, image.height, image.channels);
  for (std::uint32_t y = 0; y < image.height; ++y)
    std::transform(image.row(y), image.row(y) + std::size_t{image.width} * image.channels, out.row(y),
                   [](std::uint8_t sample) { return static_cast<std::uint8_t>((sample & 0xF0) | 8); });
  return out;
}

Result<Sample> sample_of(const BenchPhoto& photo) {
  TT_ASSIGN(auto jpeg, decode_jpeg_coefficients(photo.file.view(), photo.info, {}));
  if (!jpeg) return fail(ErrorCode::kUnsupportedImage, photo.path + ": its colours have to change, or it is damaged");
  const std::uint32_t width = photo.info.upright_width(), height = photo.info.upright_height(),
                      side = std::max(width, height);
  const auto scaled = [&](std::uint32_t length) {
    return side <= kComparedSidePx
               ? length
               : std::max(1u, static_cast<std::uint32_t>(std::uint64_t{length} * kComparedSidePx / side));
  };
  TT_ASSIGN(const Ladder ladder, decode_ladder(photo.file.view(), photo.info, {},
                                               std::vector<PictureSize>{{scaled(width), scaled(height)}}));
  Sample sample;
  sample.jpeg = *std::move(jpeg);
  sample.original = to_rgb(std::get<Planes>(ladder.pictures.front()));
  sample.candidate = coarser(sample.original);
  return sample;
}

using PlaneKernel = void (*)(const JpegBlocks&, std::uint32_t, std::uint8_t*, std::size_t);

void make_planes(const JpegCoefficients& jpeg, PlaneKernel kernel, std::vector<std::uint8_t>& samples) {
  const std::uint8_t* coefficients = jpeg.coefficients.data();
  for (const JpegComponent& component : jpeg.components) {
    const std::size_t stride = std::size_t{component.width_blocks} * 8;
    samples.resize(std::max(samples.size(), stride * component.height_blocks * 8));
    kernel({reinterpret_cast<const std::int16_t*>(coefficients), component.width_blocks, component.height_blocks,
            component.quantiser},
           8, samples.data(), stride);
    coefficients += coefficient_bytes(component);
  }
}

class KernelTable {
 public:
  KernelTable(const std::vector<BenchPhoto>& photos, const std::vector<Sample>& samples, double seconds)
      : photos_(photos), samples_(samples), seconds_(seconds) {}

  using Work = std::function<Status(const Sample&)>;

  // A worker is one thread's; the rate counts so many megapixels a photo.
  Status add(const std::string& kernel, const std::string& who, double megapixels_a_photo,
             const std::vector<Work>& workers) {
    std::vector<PhotoWork> crew;
    for (const Work& work : workers)
      crew.push_back(
          [&](const BenchPhoto& photo) { return work(samples_[static_cast<std::size_t>(&photo - photos_.data())]); });
    TT_ASSIGN(const CrewResult result, run_crew(photos_, crew, seconds_));
    table_.add_row({kernel, who, std::format("{:.1f}", result.photos_a_second() * megapixels_a_photo)});
    return {};
  }
  const Table& table() const { return table_; }

 private:
  const std::vector<BenchPhoto>& photos_;
  const std::vector<Sample>& samples_;
  const double seconds_;
  Table table_{{{"kernel"}, {"who"}, {"MP/s", Align::kRight}}};
};

// On a device: first that its scores are the reference's, then its rate.
Status add_device(const OpenClDevice& info, const std::vector<Sample>& samples, double megapixels, unsigned threads,
                  KernelTable& table, BenchReport& report) {
  const auto device = ClDevice::open({info, "", ClSsimulacra2::programs()});
  if (!device && device.error().code == ErrorCode::kUnsupported) {
    report.note(info.name + " has no SSIMULACRA 2: it needs double precision");
    return {};
  }
  if (!device) return fail(device.error());
  ClMemoryPool memory(*device, info.memory_bytes / 4 * 3);
  std::vector<std::unique_ptr<ClSsimulacra2>> metrics;
  std::vector<KernelTable::Work> workers;
  for (unsigned i = 0; i < threads; ++i) {
    TT_ASSIGN(ClSsimulacra2 metric, ClSsimulacra2::create(*device, memory));
    metrics.push_back(std::make_unique<ClSsimulacra2>(std::move(metric)));
    workers.push_back([one = metrics.back().get()](const Sample& sample) -> Status {
      TT_TRY(one->score(view_of(sample.original), view_of(sample.candidate)));
      return {};
    });
  }
  int different = 0;
  for (const Sample& sample : samples) {
    const SrgbView original = view_of(sample.original), candidate = view_of(sample.candidate);
    TT_ASSIGN(const double made, metrics.front()->score(original, candidate));
    TT_ASSIGN(const double expected, reference::ssimulacra2(original, candidate));
    different += made == expected ? 0 : 1;
  }
  report.figure("ssimulacra2_differing_scores", different, "scores",
                "of " + info.name + ", that are not the reference's in every bit");
  return table.add("SSIMULACRA 2",
                   std::format("{} ({}){}", info.kind, info.name, info.kind == "opencl-gpu" ? "" : ", no GPU"),
                   megapixels, workers);
}

}  // namespace

Status measure_kernels(BenchReport& report, const std::vector<BenchPhoto>& photos,
                       const std::vector<OpenClDevice>& devices, unsigned threads, double seconds) {
  std::vector<BenchPhoto> measured;
  std::vector<Sample> samples;
  double whole = 0, compared = 0;
  for (const BenchPhoto& photo : photos) {
    if (samples.size() == kMostPhotos) break;
    TT_ASSIGN(Sample sample, sample_of(photo));
    whole += photo.info.megapixels();
    compared += double(sample.original.width) * sample.original.height / 1e6;
    samples.push_back(std::move(sample));
    measured.push_back({photo.path, {}, photo.info, {}});
  }
  whole /= static_cast<double>(samples.size());
  compared /= static_cast<double>(samples.size());

  KernelTable table(measured, samples, seconds);
  const auto planes = [](PlaneKernel kernel) {
    return std::vector<KernelTable::Work>{
        [kernel, room = std::vector<std::uint8_t>()](const Sample& sample) mutable -> Status {
          make_planes(sample.jpeg, kernel, room);
          return {};
        }};
  };
  TT_TRY(table.add("coefficients to samples", "reference, one core", whole, planes(reference::jpeg_plane)));
  TT_TRY(table.add("coefficients to samples", "SIMD, one core", whole, planes(simd::jpeg_plane)));
  using Metric = Result<double> (*)(const SrgbView&, const SrgbView&);
  const auto score = [](Metric metric) {
    return std::vector<KernelTable::Work>{[metric](const Sample& sample) -> Status {
      TT_TRY(metric(view_of(sample.original), view_of(sample.candidate)));
      return {};
    }};
  };
  TT_TRY(table.add("SSIMULACRA 2", "reference, one core", compared, score(reference::ssimulacra2)));
  TT_TRY(table.add("SSIMULACRA 2", "SIMD, one core", compared, score(simd::ssimulacra2)));
  for (const OpenClDevice& device : devices) TT_TRY(add_device(device, samples, compared, threads, table, report));
  report.table("kernels: " + std::to_string(samples.size()) + " photos", table.table());
  return {};
}

}  // namespace tintype::bench
