// OpenCL devices against the CPU: baseline JPEGs to full-size WebP and to a ladder, many photos in flight.
//
// For each device: its files must equal the CPU's, then its rate with as many photos in flight as it takes, each with a
// thread that undoes a JPEG's entropy coding and hands the rest to the device. Beside it all cores with our encoder,
// and with libwebp -m 4. Then kernels by themselves. A device that is the CPU (PoCL) shows that the work is right; its
// time is no GPU's.
#include <algorithm>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

#include "bench/gpu/crew.h"
#include "bench/gpu/in_step.h"
#include "bench/gpu/kernels.h"
#include "bench/support/bench_report.h"
#include "bench/support/own_options.h"
#include "codec/encode.h"
#include "codec/probe.h"
#include "kernels/reference/resize_rows.h"
#include "kernels/simd/vp8_encoder.h"
#include "workers/opencl/cl_picture_maker.h"
#include "workers/opencl/opencl_devices.h"

namespace tintype::bench {
namespace {

constexpr const char* kUsage =
    "bench/run gpu DIR [--json FILE] [--check] [--parts photos,kernels,huffman] [--seconds S] [--threads N] "
    "[--in-flight N] [--most-megapixels M]\n"
    "  --parts            photos: whole photos, to one WebP and to a ladder; kernels: those that can be measured "
    "alone;\n"
    "                     huffman: how soon a decoder that starts in the middle of a scan is in step\n"
    "  --seconds          of each measurement (10)\n"
    "  --threads          of all work on the CPU's side (cores)\n"
    "  --in-flight        photos at once with a device (a GPU: as many as its batches take, and one a thread; others: "
    "one "
    "a thread)\n"
    "  --most-megapixels  leaves larger photos out (100)";
constexpr int kQuality = 75;

struct Options {
  double seconds = 10;
  unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  double most_megapixels = 100;
  unsigned in_flight = 0;  // 0: as the device's kind has it

  unsigned photos_at_once(const OpenClDevice& device) const {
    if (in_flight > 0) return in_flight;
    return device.kind == "opencl-gpu" ? ClFrameBatches::kPhotosAtOnce + threads : threads;
  }
};

Options options_of(const OwnOptions& own) {
  Options options;
  options.seconds = std::max(0.0, own.number("--seconds", options.seconds));
  options.threads = static_cast<unsigned>(std::max(1.0, own.number("--threads", options.threads)));
  options.in_flight = static_cast<unsigned>(std::max(0.0, own.number("--in-flight", options.in_flight)));
  options.most_megapixels = own.number("--most-megapixels", options.most_megapixels);
  return options;
}

std::vector<PictureSize> ladder_sizes(const SourceInfo& info) {
  std::vector<PictureSize> sizes;
  const std::uint32_t width = info.upright_width(), height = info.upright_height(), side = std::max(width, height);
  for (const std::uint32_t rung : {2048u, 1024u, 512u, 256u}) {
    if (rung > side) continue;
    const auto scaled = [&](std::uint32_t length) {
      return std::max(1u, static_cast<std::uint32_t>((std::uint64_t{length} * rung + side / 2) / side));
    };
    sizes.push_back({scaled(width), scaled(height)});
  }
  return sizes;
}

// The baseline JPEGs of a folder whose colours stay.
Result<std::vector<BenchPhoto>> load_photos(const std::string& dir, double most_megapixels, bool progressive) {
  std::vector<BenchPhoto> photos;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(dir, error)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    Bytes file = Bytes::copy_of(as_bytes(text));
    const auto info = probe(file.view());
    if (!info || info->format != ImageFormat::kJpeg || info->progressive != progressive ||
        info->megapixels() > most_megapixels || std::max(info->width, info->height) > vp8::kMostSide ||
        std::max(info->width, info->height) < 256) {
      continue;
    }
    const auto jpeg = decode_jpeg_coefficients(file.view(), *info, {});
    if (!jpeg || !jpeg->has_value()) continue;
    photos.push_back({entry.path().string(), std::move(file), *info, {}});
  }
  if (error) return fail(ErrorCode::kNotFound, "the folder " + dir + " cannot be read: " + error.message());
  std::ranges::sort(photos, {}, &BenchPhoto::path);
  return photos;
}

vp8::Settings settings() {
  vp8::Settings settings;
  settings.quality = kQuality;
  return settings;
}

Result<std::vector<Bytes>> make_on_cpu(const BenchPhoto& photo) {
  TT_ASSIGN(const Ladder ladder, decode_ladder(photo.file.view(), photo.info, photo.options(), photo.sizes));
  std::vector<Bytes> frames;
  for (const Pixels& pixels : ladder.pictures) {
    const auto& planes = std::get<Planes>(pixels);
    std::vector<std::uint8_t> coded[3];
    for (const int i : {0, 1, 2}) {
      coded[i].resize(planes.plane(i).size());
      reference::code_row(planes.plane(i).data(), coded[i].size(), i == 0 ? kVideoLuma : kVideoChroma, coded[i].data());
    }
    const vp8::Picture picture{planes.width(),  planes.height(), coded[0].data(),      coded[1].data(),
                               coded[2].data(), planes.width(),  planes.chroma_width()};
    TT_ASSIGN(Bytes frame, simd::encode_vp8(picture, settings()));
    frames.push_back(std::move(frame));
  }
  return frames;
}

Status make_with_libwebp(const BenchPhoto& photo) {
  TT_ASSIGN(const Ladder ladder, decode_ladder(photo.file.view(), photo.info, photo.options(), photo.sizes));
  EncodeOptions options;
  options.format = ImageFormat::kWebp;
  options.quality = kQuality;
  options.effort = 4;
  for (const Pixels& pixels : ladder.pictures) TT_TRY(encode(pixels, options, {}, {}));
  return {};
}

Status undo_entropy_coding(const BenchPhoto& photo) {
  TT_TRY(decode_jpeg_coefficients(photo.file.view(), photo.info, photo.options()));
  return {};
}

Result<std::vector<Bytes>> make_on_device(ClPictureMaker& maker, const BenchPhoto& photo) {
  TT_ASSIGN(const auto jpeg, decode_jpeg_coefficients(photo.file.view(), photo.info, photo.options()));
  if (!jpeg) return fail(ErrorCode::kUnsupportedImage, "its colours have to change, or it is damaged");
  PictureOrder order{jpeg->components, jpeg->coefficients.view(), photo.info.orientation, photo.sizes, {}, {}};
  for (std::uint32_t i = 0; i < photo.sizes.size(); ++i) order.frames.push_back({i, settings()});
  TT_ASSIGN(PicturesMade made, maker.make(order));
  return std::move(made.frames);
}

// Every photo once: how many of its files differ from the CPU's.
Result<int> count_differences(ClPictureMaker& maker, const std::vector<BenchPhoto>& photos) {
  int different = 0;
  for (const BenchPhoto& photo : photos) {
    TT_ASSIGN(const auto expected, make_on_cpu(photo));
    TT_ASSIGN(const auto made, make_on_device(maker, photo));
    for (std::size_t i = 0; i < expected.size(); ++i)
      different += std::ranges::equal(expected[i].view(), made[i].view()) ? 0 : 1;
  }
  return different;
}

Result<std::vector<PhotoWork>> device_workers(const ClDevice& device, ClMemoryPool& memory, ClFrameBatches& batches,
                                              unsigned photos_at_once,
                                              std::vector<std::unique_ptr<ClPictureMaker>>& makers) {
  std::vector<PhotoWork> workers;
  for (unsigned i = 0; i < photos_at_once; ++i) {
    TT_ASSIGN(ClPictureMaker maker, ClPictureMaker::create(device, memory, batches));
    makers.push_back(std::make_unique<ClPictureMaker>(std::move(maker)));
    workers.push_back([maker = makers.back().get()](const BenchPhoto& photo) -> Status {
      TT_TRY(make_on_device(*maker, photo));
      return {};
    });
  }
  return workers;
}

class Comparison {
 public:
  Comparison(BenchReport& report, const Options& options, std::string name, const std::vector<BenchPhoto>& photos)
      : report_(report), options_(options), name_(std::move(name)), photos_(photos) {}

  Status run(const std::vector<OpenClDevice>& devices) {
    const auto cores = [&](const PhotoWork& work) {
      return run_crew(photos_, std::vector(options_.threads, work), options_.seconds);
    };
    const auto ours = [](const BenchPhoto& photo) -> Status {
      TT_TRY(make_on_cpu(photo));
      return {};
    };
    TT_ASSIGN(const CrewResult libwebp, cores(make_with_libwebp));
    libwebp_rate_ = libwebp.photos_a_second();
    add("libwebp -m 4, all cores", libwebp);
    TT_ASSIGN(const CrewResult cpu, cores(ours));
    add("ours, all cores", cpu);
    TT_ASSIGN(const CrewResult entropy, cores(undo_entropy_coding));
    add("entropy decoding alone, all cores", entropy);
    for (const OpenClDevice& info : devices) {
      TT_ASSIGN(const ClDevice device, ClDevice::open({info, ""}));
      ClMemoryPool memory(device, info.memory_bytes / 4 * 3);
      TT_ASSIGN(const auto batches, ClFrameBatches::create(device));
      std::vector<std::unique_ptr<ClPictureMaker>> makers;
      TT_ASSIGN(const auto workers, device_workers(device, memory, *batches, options_.photos_at_once(info), makers));
      TT_ASSIGN(const int different, count_differences(*makers.front(), photos_));
      TT_ASSIGN(const CrewResult result, run_crew(photos_, workers, options_.seconds));
      const bool is_gpu = info.kind == "opencl-gpu";
      add(std::format("{} ({}){}", info.kind, info.name, is_gpu ? "" : ", no GPU"), result);
      report_.figure(name_ + "_differing_files", different, "files",
                     "of " + info.name + ", that are not the CPU's byte for byte");
      if (!is_gpu) continue;
      report_.figure(name_ + "_of_libwebp", result.photos_a_second() / libwebp_rate_, "",
                     "photos a second of " + info.name + " over libwebp's on all cores");
      report_.figure(name_ + "_of_entropy_floor", result.photos_a_second() / entropy.photos_a_second(), "",
                     "photos a second over those whose entropy coding all cores can undo");
      report_.figure(name_ + "_cpu_ms_a_photo", 1000 * result.cpu_seconds / result.photos, "ms",
                     "user and sys of one photo");
    }
    report_.table(
        name_ + ": " + std::to_string(photos_.size()) + " photos, " + std::to_string(options_.threads) + " threads",
        table_);
    return {};
  }

 private:
  void add(const std::string& who, const CrewResult& result) {
    table_.add_row({who, std::format("{:.2f}", result.photos_a_second()),
                    std::format("{:.1f}", result.megapixels_a_second()),
                    std::format("{:.1f}", 1000 * result.cpu_seconds / result.photos),
                    std::format("{:.2f}", result.photos_a_second() / libwebp_rate_)});
  }

  BenchReport& report_;
  const Options& options_;
  const std::string name_;
  const std::vector<BenchPhoto>& photos_;
  double libwebp_rate_ = 1;
  Table table_{{{"who"},
                {"photos/s", Align::kRight},
                {"MP/s", Align::kRight},
                {"CPU ms a photo", Align::kRight},
                {"of libwebp", Align::kRight}}};
};

Status run(BenchReport& report, const Options& options) {
  TT_ASSIGN(const auto devices, list_opencl_devices());
  if (devices.empty()) report.note("no OpenCL driver is registered here: only the CPU was measured");
  for (const bool progressive : {false, true}) {
    TT_ASSIGN(std::vector<BenchPhoto> photos, load_photos(report.options().dir, options.most_megapixels, progressive));
    if (!photos.empty() && !progressive && report.options().wants("huffman")) measure_falling_into_step(report, photos);
    if (!photos.empty() && !progressive && report.options().wants("kernels"))
      TT_TRY(measure_kernels(report, photos, devices, options.threads, options.seconds));
    if (photos.empty()) {
      report.note(progressive ? "there are no progressive JPEGs" : "there are no baseline JPEGs");
      continue;
    }
    if (!report.options().wants("photos")) continue;
    const std::string kind = progressive ? "progressive_" : "";
    for (BenchPhoto& photo : photos) photo.sizes = {{photo.info.upright_width(), photo.info.upright_height()}};
    TT_TRY(Comparison(report, options, kind + "full_size", photos).run(devices));
    for (BenchPhoto& photo : photos) photo.sizes = ladder_sizes(photo.info);
    TT_TRY(Comparison(report, options, kind + "ladder", photos).run(devices));
  }
  return {};
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  using namespace tintype::bench;
  const Options options =
      options_of(OwnOptions(argc, argv, {"--seconds", "--threads", "--in-flight", "--most-megapixels"}));
  BenchReport report("gpu", parse_bench_options(argc, argv, kUsage, {"photos", "kernels", "huffman"}));
  if (report.options().dir.empty()) {
    std::fprintf(stderr, "bench gpu: name a folder of photos: %s\n", kUsage);
    return 2;
  }
  if (const auto done = run(report, options); !done) {
    std::fprintf(stderr, "bench gpu: %s\n", done.error().to_string().c_str());
    return 1;
  }
  return report.finish();
}
