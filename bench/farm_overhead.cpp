// What the farm costs over the bare codec calls: CPU of every process together, in pairs, by recipe and picture size.
//
// The bare loop calls the same codec functions in a process of one thread, reading files and writing results,
// and nothing else. The farm is `tintype compress` with all that it starts and stops: gateway, queue, store, sandboxed
// children, page of results. Both run at the same time over the same files, each on a core of its own, and change
// cores from round to round: what neighbours and clocks do to the machine, they do to both.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <format>
#include <fstream>
#include <functional>
#include <print>

#include "bench/support/bench_report.h"
#include "bench/support/process_cpu.h"
#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/ladder.h"
#include "codec/probe.h"
#include "codec/resize.h"
#include "core/job/plan.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/pictures.h"

namespace tintype::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kRounds = 4;  // even, so that both sides have each core as often

Result<Bytes> read_file(const fs::path& path) {
  std::error_code error;
  Bytes bytes(fs::file_size(path, error));
  std::ifstream in(path, std::ios::binary);
  if (error || !in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
    return fail(ErrorCode::kIo, "cannot read " + path.string());
  return bytes;
}

Status write_file(const fs::path& path, ByteView bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) return fail(ErrorCode::kIo, "cannot write " + path.string());
  return {};
}

// One photo, as the CPU lane does it: decoded once, each size straight from it.
Status compress_one(const fs::path& file, const Recipe& recipe, const fs::path& out) {
  TT_ASSIGN(const Bytes bytes, read_file(file));
  TT_ASSIGN(SourceInfo info, probe(bytes));
  info.bytes = bytes.size();
  TT_ASSIGN(const Plan plan, make_plan(recipe, info, {}));
  std::uint32_t longest = 0;
  for (const PlannedEncode& encode : plan.encodes) longest = std::max({longest, encode.width, encode.height});
  const bool full_size = longest >= std::max(info.width, info.height);
  std::vector<PictureSize> sizes;
  for (const PlannedEncode& planned : plan.encodes) {
    const PictureSize size{planned.width, planned.height};
    if (sizes.empty() || sizes.back() != size) sizes.push_back(size);
  }
  TT_ASSIGN(const Ladder ladder, decode_ladder(bytes, info, {full_size ? 0 : longest, plan.damaged}, sizes));
  const Bytes exif = build_exif(ladder.metadata, plan.metadata);
  std::vector<Bytes> files;
  for (const PlannedEncode& planned : plan.encodes) {
    const auto picture = std::ranges::find(sizes, PictureSize{planned.width, planned.height}) - sizes.begin();
    TT_ASSIGN(Bytes made, encode(ladder.pictures[static_cast<std::size_t>(picture)],
                                 {planned.format, planned.encoder, planned.quality, planned.effort, 1},
                                 icc_to_embed(ladder.metadata, plan.metadata), exif));
    files.push_back(std::move(made));
  }
  fs::create_directories(out);
  for (const PlannedVariant& variant : plan.variants) TT_TRY(write_file(out / variant.name, files[variant.encode]));
  return {};
}

int bare_loop(const std::string& recipe_name, const fs::path& dir, const fs::path& out) {
  use_one_thread_per_codec();
  const auto recipe = find_recipe(recipe_name, "");
  if (!recipe) return 1;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(dir)) files.push_back(entry.path());
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    if (const Status done = compress_one(file, *recipe, out / file.filename()); !done) {
      std::println(stderr, "{}: {}", file.string(), done.error().message);
      return 1;
    }
  }
  return 0;
}

struct Case {
  std::string name;
  std::string recipe;
  fs::path dir;
  int jobs = 0;
};

struct Pair {
  ProcessCost bare;
  ProcessCost farm;
};

// A folder of JPEGs for a case: files of `dir` that `wanted` takes, repeated under other names up to `jobs`.
int fill(const fs::path& to, const std::string& dir, int jobs,
         const std::function<Result<Bytes>(const fs::path&)>& make) {
  fs::create_directories(to);
  std::vector<Bytes> pictures;
  if (!dir.empty()) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(dir)) paths.push_back(entry.path());
    std::ranges::sort(paths);
    for (const fs::path& path : paths) {
      if (auto made = make(path); made) pictures.push_back(std::move(*made));
      if (std::ssize(pictures) == jobs) break;
    }
  }
  for (int i = 0; i < jobs && !pictures.empty(); ++i) {
    if (!write_file(to / std::format("{:03}.jpg", i), pictures[static_cast<std::size_t>(i) % pictures.size()]))
      return 0;
  }
  return pictures.empty() ? 0 : jobs;
}

// The file itself, if it is a camera-like JPEG of that size.
Result<Bytes> take_if_between(const fs::path& path, double least_mp, double most_mp) {
  TT_ASSIGN(Bytes bytes, read_file(path));
  TT_ASSIGN(const SourceInfo info, probe(bytes));
  const bool taken = info.format == ImageFormat::kJpeg && info.channels == 3 && info.megapixels() >= least_mp &&
                     info.megapixels() <= most_mp;
  if (!taken) return fail(ErrorCode::kNotFound, "of another size");
  return bytes;
}

// A photo of at least that size, reduced to it and written as JPEG 4:2:0.
Result<Bytes> reduce_to(const fs::path& path, double megapixels) {
  TT_ASSIGN(const Bytes bytes, take_if_between(path, megapixels, 40));
  TT_ASSIGN(const SourceInfo info, probe(bytes));
  TT_ASSIGN(const Decoded decoded, decode(bytes, info, {}));
  const double scale = std::sqrt(megapixels / info.megapixels());
  TT_ASSIGN(const Image small, resize(decoded.image, static_cast<std::uint32_t>(decoded.image.width * scale),
                                      static_cast<std::uint32_t>(decoded.image.height * scale)));
  return testing::write_jpeg(small, {.quality = 90});
}

Result<Pair> measure_pair(const Case& c, const fs::path& work, const fs::path& programs, int round) {
  const std::vector<int> cores = usable_cores();
  const auto core = [&](int side) { return cores[static_cast<std::size_t>(round + side) % cores.size()]; };
  const fs::path bare_out = work / "bare-out", farm_out = work / "farm-out";
  const std::string bare_log = work / "bare.log", farm_log = work / "farm.log";
  TT_ASSIGN(MeasuredRun bare,
            MeasuredRun::start({programs / "bench_farm_overhead", "--bare-loop", c.recipe, c.dir, bare_out}, bare_log,
                               core(0)));
  TT_ASSIGN(MeasuredRun farm,
            MeasuredRun::start({programs / "tintype", "compress", c.dir, "--out", farm_out, "--recipe", c.recipe},
                               farm_log, core(1)));
  Pair pair;
  const auto bare_cost = bare.wait(), farm_cost = farm.wait();
  TT_ASSIGN(pair.bare, bare_cost);
  TT_ASSIGN(pair.farm, farm_cost);
  if (pair.bare.exit_status != 0) return fail(ErrorCode::kInternal, "the bare loop failed: see " + bare_log);
  if (pair.farm.exit_status != 0) return fail(ErrorCode::kInternal, "tintype compress failed: see " + farm_log);
  fs::remove_all(bare_out);
  fs::remove_all(farm_out);
  return pair;
}

int run(BenchReport& report, const fs::path& programs) {
  const fs::path work = fs::temp_directory_path() / std::format("tintype-bench-{}", ::getpid());
  const std::string& dir = report.options().dir;
  std::vector<Case> cases = {{"web", "web", work / "web", 0},
                             {"webp_12mp", "web-webp", work / "12mp", 0},
                             {"webp_2mp", "web-webp", work / "2mp", 0}};
  cases[0].jobs = fill(cases[0].dir, dir, 16, [](const fs::path& p) { return take_if_between(p, 4, 16); });
  cases[1].jobs = fill(cases[1].dir, dir, 32, [](const fs::path& p) { return take_if_between(p, 10.5, 14); });
  cases[2].jobs = fill(cases[2].dir, dir, 96, [](const fs::path& p) { return reduce_to(p, 2); });

  Table table({{"case"},
               {"jobs", Align::kRight},
               {"bare CPU s", Align::kRight},
               {"farm CPU s", Align::kRight},
               {"ratio", Align::kRight},
               {"farm ms a job", Align::kRight},
               {"peak MB", Align::kRight}});
  for (const Case& c : cases) {
    if (c.jobs == 0) {
      report.note(c.name +
                  " left out: " + (dir.empty() ? "no folder of photos was named" : dir + " has no JPEG of that size"));
      continue;
    }
    std::vector<double> ratios, overheads_ms, bares, farms;
    std::uint64_t peak = 0;
    for (int round = 0; round < kRounds; ++round) {
      const auto pair = measure_pair(c, work, programs, round);
      if (!pair) {
        std::println(stderr, "{}", pair.error().message);
        return 1;
      }
      bares.push_back(pair->bare.cpu_seconds());
      farms.push_back(pair->farm.cpu_seconds());
      ratios.push_back(farms.back() / bares.back());
      overheads_ms.push_back((farms.back() - bares.back()) / c.jobs * 1000);
      peak = std::max(peak, pair->farm.peak_bytes);
    }
    table.add_row({c.name, std::to_string(c.jobs), std::format("{:.2f}", median(bares)),
                   std::format("{:.2f}", median(farms)), std::format("{:.3f}", median(ratios)),
                   std::format("{:.1f}", median(overheads_ms)), std::format("{}", peak >> 20)});
    report.figure(c.name + "_ratio", median(ratios), "", "CPU of the whole farm over the bare loop, median of pairs");
    if (c.name == "webp_2mp") {
      report.figure("overhead_2mp_ms", median(overheads_ms), "ms", "CPU of the farm a job beyond the bare loop");
    }
    report.figure(c.name + "_peak_mb", double(peak >> 20), "MB", "largest resident memory of any one process");
  }
  report.table(std::format("user+sys CPU seconds, median of {} pairs", kRounds), table);
  fs::remove_all(work);
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  using namespace tintype::bench;
  if (argc == 5 && std::string_view(argv[1]) == "--bare-loop") return bare_loop(argv[2], argv[3], argv[4]);
  BenchReport report("farm-overhead",
                     parse_bench_options(argc, argv, "bench/run farm-overhead DIR [--json FILE] [--check]"));
  return run(report, std::filesystem::read_symlink("/proc/self/exe").parent_path());
}
