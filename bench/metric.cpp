// Our SSIMULACRA2 against Debian's `ssimulacra2`: scores on at least 300 pairs, CPU a megapixel, memory.
//
// Pairs: photos of DIR at sizes from 8 pixels to full, odd ones too, coded as WebP and AVIF. The judge reads
// PPM (never PNG, whose gAMA it would obey). Its CPU without reading: the same program on two such files of different
// heights reads both and stops there, and that is taken off.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <new>
#include <print>

#include <malloc.h>

#include "bench/support/bench_report.h"
#include "bench/support/process_cpu.h"
#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/picture_view.h"
#include "codec/probe.h"
#include "codec/resize.h"
#include "kernels/simd/ssimulacra2.h"
#include "kernels/simd/targets.h"

namespace {

// Every allocation of this program, so that peaks are what was asked for and not what a heap happens to keep.
std::atomic<std::size_t> allocated = 0, peak = 0;

void* counted(void* memory) {
  if (!memory) throw std::bad_alloc();
  const std::size_t now = allocated += ::malloc_usable_size(memory);
  std::size_t highest = peak;
  while (now > highest && !peak.compare_exchange_weak(highest, now)) {
  }
  return memory;
}
void release(void* memory) {
  if (memory) allocated -= ::malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(std::malloc(bytes)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit));
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }

namespace tintype::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kWantedPairs = 320;
constexpr int kCandidates = 4;  // of a prepared original, when CPU is measured

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

Result<Image> read_photo(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  TT_ASSIGN(SourceInfo info, probe(as_bytes(bytes)));
  info.bytes = bytes.size();
  TT_ASSIGN(Decoded decoded, decode(as_bytes(bytes), info, {0, DamagedPolicy::kRefuse, true}));
  if (decoded.image.channels != 3) return fail(ErrorCode::kUnsupported, "it has alpha");
  return std::move(decoded.image);
}

std::vector<fs::path> files_of(const std::string& dir) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(dir)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

Result<Image> recoded(const Image& image, ImageFormat format, int quality) {
  const bool webp = format == ImageFormat::kWebp;
  TT_ASSIGN(const Bytes file,
            encode(image, {format, webp ? Encoder::kLibwebp : Encoder::kAom, quality, webp ? 2 : 1, 1}, {}, {}));
  TT_ASSIGN(SourceInfo info, probe(file));
  info.bytes = file.size();
  TT_ASSIGN(Decoded decoded, decode(file, info, {}));
  return std::move(decoded.image);
}

void write_ppm(const fs::path& path, const Image& image, std::uint32_t rows) {
  std::ofstream out(path, std::ios::binary);
  out << std::format("P6\n{} {}\n255\n", image.width, rows);
  for (std::uint32_t y = 0; y < rows; ++y) {
    out.write(reinterpret_cast<const char*>(image.row(y)), std::streamsize{image.width} * 3);
  }
}

struct Judged {
  double score = 0;
  double cpu_seconds = 0;  // without reading, if that was measured
};

class Judge {
 public:
  explicit Judge(fs::path folder) : folder_(std::move(folder)) {}

  Result<Judged> score(const Image& original, const Image& candidate, bool without_reading) {
    write_ppm(folder_ / "a.ppm", original, original.height);
    write_ppm(folder_ / "b.ppm", candidate, candidate.height);
    TT_ASSIGN(const ProcessCost whole, run("b.ppm"));
    if (whole.exit_status != 0) return fail(ErrorCode::kInternal, "ssimulacra2 failed: " + said());
    Judged judged{std::strtod(said().c_str(), nullptr), whole.cpu_seconds()};
    if (!without_reading) return judged;
    write_ppm(folder_ / "short.ppm", candidate, candidate.height - 1);
    TT_ASSIGN(const ProcessCost reading, run("short.ppm"));
    judged.cpu_seconds -= reading.cpu_seconds();
    return judged;
  }

 private:
  Result<ProcessCost> run(const std::string& candidate) {
    return run_and_measure({"ssimulacra2", folder_ / "a.ppm", folder_ / candidate}, folder_ / "said");
  }
  std::string said() const {
    std::ifstream in(folder_ / "said");
    return {std::istreambuf_iterator<char>(in), {}};
  }

  const fs::path folder_;
};

struct Agreement {
  int pairs = 0;
  double worst = 0, sum = 0;
  std::string worst_pair;

  void add(double ours, double judged, const std::string& pair) {
    const double apart = std::abs(ours - judged);
    ++pairs;
    sum += apart;
    if (apart >= worst) worst = apart, worst_pair = std::format("{}: {:.4f} against {:.4f}", pair, ours, judged);
  }
};

// One photo at one size, coded in several ways.
void agree_on(const std::string& name, const Image& original, Judge& judge, int step, Agreement& agreement) {
  const auto prepared = simd::Ssimulacra2Reference::prepare(view_of(original));
  if (!prepared) return;
  for (const auto& [format, quality] :
       {std::pair{ImageFormat::kWebp, 25 + 7 * (step % 10)}, {ImageFormat::kAvif, 35 + 5 * (step % 9)}}) {
    const auto candidate = recoded(original, format, quality);
    if (!candidate || candidate->channels != 3) continue;
    const auto judged = judge.score(original, *candidate, false);
    const auto ours = prepared->score(view_of(*candidate));
    if (judged && ours) {
      agreement.add(
          *ours, judged->score,
          std::format("{} {}x{} {} q{}", name, original.width, original.height, format_name(format), quality));
    }
  }
}

Result<Image> at_long_side(const Image& image, std::uint32_t long_side, std::uint32_t extra_rows) {
  const double scale = std::min(1.0, double(long_side) / std::max(image.width, image.height));
  const auto side = [&](std::uint32_t own, std::uint32_t extra) {
    return std::clamp<std::uint32_t>(static_cast<std::uint32_t>(std::lround(own * scale)) + extra, 8, own);
  };
  return resize(image, side(image.width, 0), side(image.height, extra_rows));
}

void agreement(BenchReport& report, const std::vector<fs::path>& paths, Judge& judge) {
  constexpr std::uint32_t kSides[] = {1023, 640, 333, 257, 127, 64, 33, 17, 2048, 511, 8, 900};
  Agreement all, large;
  for (int round = 0; all.pairs + large.pairs < kWantedPairs && round < 200; ++round) {
    bool any = false;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      const auto photo = read_photo(paths[i]);
      if (!photo || std::min(photo->width, photo->height) < 8) continue;
      any = true;
      const int step = round * 5 + static_cast<int>(i);
      // Full size: one in eight, once.
      if (round == 0 && i % 8 == 0 && photo->width * std::uint64_t{photo->height} > 6'000'000) {
        agree_on(paths[i].filename(), *photo, judge, step, large);
      }
      for (int more = 0; more < 3; ++more) {
        const auto sized =
            at_long_side(*photo, kSides[(step + more * 4) % std::size(kSides)], static_cast<std::uint32_t>(more));
        if (sized) agree_on(paths[i].filename(), *sized, judge, step + more, all);
      }
    }
    if (!any) break;
  }
  report.note(std::format("worst pair: {}", all.worst_pair));
  if (large.pairs > 0) report.note(std::format("worst full-size pair ({} of them): {}", large.pairs, large.worst_pair));
  report.figure("pairs", all.pairs + large.pairs, "", "pairs of original and candidate, 8 pixels to full size");
  report.figure("max_difference", std::max(all.worst, large.worst), "", "largest |ours - Debian's ssimulacra2|");
  report.figure("mean_difference", (all.sum + large.sum) / (all.pairs + large.pairs), "", "mean of the same");
}

struct Costs {
  std::vector<double> ours, single, judge, kept_bytes, single_bytes;  // a megapixel; bytes: a pixel
};

Status measure(const Image& original, const std::string& name, Judge& judge, Table& table, Costs& costs) {
  std::vector<Image> candidates;
  for (int i = 0; i < kCandidates; ++i) {
    TT_ASSIGN(Image candidate, recoded(original, ImageFormat::kWebp, 40 + 15 * i));
    candidates.push_back(std::move(candidate));
  }
  const double pixels = double(original.width) * original.height, megapixels = pixels / 1e6;

  std::size_t before = allocated;
  peak = before;
  double began = cpu_seconds();
  {
    TT_ASSIGN(const auto prepared, simd::Ssimulacra2Reference::prepare(view_of(original)));
    for (const Image& candidate : candidates) TT_TRY(prepared.score(view_of(candidate)));
  }
  const double kept = (cpu_seconds() - began) / (kCandidates * megapixels);
  const double kept_bytes = double(peak - before) / pixels;

  before = allocated;
  peak = before;
  began = cpu_seconds();
  TT_TRY(simd::ssimulacra2(view_of(original), view_of(candidates.front())));
  const double single = (cpu_seconds() - began) / megapixels;
  const double single_bytes = double(peak - before) / pixels;

  double judged = 0;
  for (const Image& candidate : candidates) {
    TT_ASSIGN(const Judged cost, judge.score(original, candidate, true));
    judged += cost.cpu_seconds / (kCandidates * megapixels);
  }
  costs.ours.push_back(kept);
  costs.single.push_back(single);
  costs.judge.push_back(judged);
  costs.kept_bytes.push_back(kept_bytes);
  costs.single_bytes.push_back(single_bytes);
  table.add_row({name, std::format("{:.1f}", megapixels), std::format("{:.1f}", kept * 1e3),
                 std::format("{:.1f}", single * 1e3), std::format("{:.0f}", judged * 1e3),
                 std::format("{:.3f}", kept / judged), std::format("{:.1f}", kept_bytes),
                 std::format("{:.1f}", single_bytes)});
  return {};
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? NAN : sum / static_cast<double>(values.size());
}

void speed(BenchReport& report, const std::vector<fs::path>& paths, Judge& judge) {
  Table table({{"photo"},
               {"MP", Align::kRight},
               {"ours, original kept, ms/MP", Align::kRight},
               {"ours, single, ms/MP", Align::kRight},
               {"Debian's, ms/MP", Align::kRight},
               {"ratio", Align::kRight},
               {"kept, bytes/px", Align::kRight},
               {"single, bytes/px", Align::kRight}});
  Costs costs;
  int full_size = 0;
  for (const fs::path& path : paths) {
    if (costs.ours.size() >= 12) break;
    const auto photo = read_photo(path);
    if (!photo || photo->width * std::uint64_t{photo->height} < 1'500'000) continue;
    // Two at their own size, the others as a ladder's largest rung.
    const bool own_size = photo->width * std::uint64_t{photo->height} > 6'000'000 && full_size++ < 2;
    const auto sized = own_size ? at_long_side(*photo, 1u << 30, 0) : at_long_side(*photo, 2048, 0);
    if (!sized) continue;
    if (const Status done = measure(*sized, path.filename(), judge, table, costs); !done)
      report.note(done.error().message);
  }
  report.table(
      std::format("CPU (user + sys), one original and {} candidates, {}", kCandidates, simd::targets().front()), table);
  report.figure("ms_per_mp", mean(costs.ours) * 1e3, "ms/MP",
                std::format("a candidate, with its share of preparing the original for {}", kCandidates));
  report.figure("single_ms_per_mp", mean(costs.single) * 1e3, "ms/MP", "one comparison, both sides");
  report.figure("judge_ms_per_mp", mean(costs.judge) * 1e3, "ms/MP",
                "Debian's ssimulacra2, reading its PPM files left out");
  report.figure("cpu_ratio", mean(costs.ours) / mean(costs.judge), "", "ours over Debian's");
  report.figure("kept_bytes_per_pixel", std::ranges::max(costs.kept_bytes), "bytes",
                "highest, original kept, counted by allocation");
  report.figure("single_bytes_per_pixel", std::ranges::max(costs.single_bytes), "bytes", "highest, one comparison");
}

int run(BenchReport& report) {
  use_one_thread_per_codec();
  if (report.options().dir.empty()) {
    report.note("nothing was measured: name a folder of photos");
    return report.finish();
  }
  const std::vector<fs::path> paths = files_of(report.options().dir);
  std::string folder = fs::temp_directory_path() / "metric-XXXXXX";
  if (!::mkdtemp(folder.data())) {
    report.note("no folder for the judge's files in " + fs::temp_directory_path().string());
    return report.finish();
  }
  Judge judge(folder);
  speed(report, paths, judge);
  agreement(report, paths, judge);
  fs::remove_all(folder);
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  using namespace tintype::bench;
  BenchReport report("metric", parse_bench_options(argc, argv, "bench/run metric DIR [--json FILE] [--check]"));
  return run(report);
}
