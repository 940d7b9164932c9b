// The quality contract on photos: scores against Debian's `ssimulacra2`, encodes a file, CPU that it adds.
//
// Every photo of DIR (up to 24, spread over the folder) at 2048 and 1024 px, WebP and
// AVIF, for scores 70 and 80. The final file is decoded here and judged as PPM by Debian's tool.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <print>

#include "bench/support/bench_report.h"
#include "bench/support/process_cpu.h"
#include "codec/decode.h"
#include "codec/encode_to_score.h"
#include "codec/probe.h"
#include "codec/resize.h"

namespace tintype::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostPhotos = 24;

Result<Image> read_photo(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  TT_ASSIGN(SourceInfo info, probe(as_bytes(bytes)));
  info.bytes = bytes.size();
  TT_ASSIGN(Decoded decoded, decode(as_bytes(bytes), info, {0, DamagedPolicy::kRefuse, true}));
  if (decoded.image.channels != 3) return fail(ErrorCode::kUnsupported, "it has alpha");
  return std::move(decoded.image);
}

void write_ppm(const fs::path& path, const Image& image) {
  std::ofstream out(path, std::ios::binary);
  out << std::format("P6\n{} {}\n255\n", image.width, image.height);
  for (std::uint32_t y = 0; y < image.height; ++y) {
    out.write(reinterpret_cast<const char*>(image.row(y)), std::streamsize{image.width} * 3);
  }
}

Result<double> judge(const fs::path& folder, const Image& original, ByteView file) {
  TT_ASSIGN(SourceInfo info, probe(file));
  info.bytes = file.size();
  TT_ASSIGN(const Decoded decoded, decode(file, info, {}));
  write_ppm(folder / "a.ppm", original);
  write_ppm(folder / "b.ppm", decoded.image);
  TT_ASSIGN(const ProcessCost cost, run_and_measure({"ssimulacra2", folder / "a.ppm", folder / "b.ppm"}, folder / "said"));
  if (cost.exit_status != 0) return fail(ErrorCode::kInternal, "ssimulacra2 failed");
  double score = 0;
  std::ifstream(folder / "said") >> score;
  return score;
}

struct Row {
  std::string photo;
  ImageFormat format;
  std::uint32_t long_side;
  double target;
  double megapixels;
  double judged;
  ScoredFile made;
};

void contracts_of(const std::string& name, const Image& photo, const fs::path& folder, BenchReport& report, std::vector<Row>& rows) {
  for (const std::uint32_t long_side : {2048u, 1024u}) {
    const double scale = double(long_side) / std::max(photo.width, photo.height);
    if (scale > 1) continue;
    const auto image = resize(photo, std::max(8u, static_cast<std::uint32_t>(std::lround(photo.width * scale))),
                              std::max(8u, static_cast<std::uint32_t>(std::lround(photo.height * scale))));
    if (!image) continue;
    for (const ImageFormat format : {ImageFormat::kWebp, ImageFormat::kAvif}) {
      const bool webp = format == ImageFormat::kWebp;
      for (const double score : {70.0, 80.0}) {
        auto made = encode_to_score(*image, {format, webp ? Encoder::kLibwebp : Encoder::kAom, 0, webp ? 4 : 3, 1}, {.score = score}, {}, {});
        const auto judged = made ? judge(folder, *image, made->bytes) : Result<double>(fail(made.error()));
        if (!judged) {
          report.note(std::format("{}: {}", name, judged.error().message));
          continue;
        }
        rows.push_back({name, format, long_side, score, double(image->width) * image->height / 1e6, *judged, std::move(*made)});
      }
    }
  }
}

double mean_of(const std::vector<Row>& rows, double (*value)(const Row&)) {
  double sum = 0;
  for (const Row& row : rows) sum += value(row);
  return rows.empty() ? NAN : sum / static_cast<double>(rows.size());
}

void show(BenchReport& report, const std::vector<Row>& rows) {
  Table table({{"photo"}, {"kind"}, {"target", Align::kRight}, {"judged", Align::kRight}, {"quality", Align::kRight},
               {"probes (sample's)"}, {"end"}, {"encodes", Align::kRight}, {"CPU s", Align::kRight}, {"one encode s", Align::kRight}});
  for (const Row& row : rows) {
    std::string tried;
    for (const Probe& probe : row.made.sample_probes) tried += std::format("({}: {:.1f}) ", probe.quality, probe.score);
    for (const Probe& probe : row.made.probes) tried += std::format("{}: {:.1f} ", probe.quality, probe.score);
    table.add_row({row.photo, std::format("{} {}", format_name(row.format), row.long_side), std::format("{:.0f}", row.target),
                   std::format("{:.2f}", row.judged), std::to_string(row.made.outcome.kept.quality), tried,
                   std::string(search_end_name(row.made.outcome.end)), std::format("{:.2f}", row.made.encodes()),
                   std::format("{:.2f}", row.made.seconds), std::format("{:.2f}", row.made.encode_seconds)});
  }
  report.table("one row a file", table);
}

void figures(BenchReport& report, const std::vector<Row>& rows) {
  const auto held = [](const Row& row) {
    return row.judged >= row.target - 0.3 && row.judged <= row.target + 1.5;
  };
  const double files = static_cast<double>(rows.size());
  const auto share = [&](auto test) { return static_cast<double>(std::ranges::count_if(rows, test)) / files; };
  report.figure("files", files, "", "photos x sizes x formats x targets");
  report.figure("broken", share([&](const Row& row) { return row.made.outcome.reached() && !held(row); }), "",
                "share of files said to be as asked for whose judged score is not within [target - 0.3, target + 1.5]");
  report.figure("unreachable", share([](const Row& row) { return !row.made.outcome.reached(); }), "", "share of files marked so");
  report.figure("encodes", mean_of(rows, [](const Row& row) { return row.made.encodes(); }), "", "mean a file, samples by their share of pixels");
  report.figure("added_cpu_s_per_mp", mean_of(rows, [](const Row& row) { return (row.made.seconds - row.made.encode_seconds) / row.megapixels; }),
                "s/MP", "CPU over one encode at the quality that was kept: other encodes, decodes, metric");
}

int run(BenchReport& report) {
  use_one_thread_per_codec();
  if (report.options().dir.empty()) {
    report.note("nothing was measured: name a folder of photos");
    return report.finish();
  }
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(report.options().dir)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::string folder = fs::temp_directory_path() / "contract-XXXXXX";
  if (!::mkdtemp(folder.data())) {
    report.note("no folder for the judge's files in " + fs::temp_directory_path().string());
    return report.finish();
  }
  std::vector<Row> rows;
  const std::size_t stride = std::max<std::size_t>(1, paths.size() / kMostPhotos);
  for (std::size_t i = 0; i < paths.size(); i += stride) {
    if (const auto photo = read_photo(paths[i])) contracts_of(paths[i].filename(), *photo, folder, report, rows);
  }
  fs::remove_all(folder);
  show(report, rows);
  figures(report, rows);
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  using namespace tintype::bench;
  BenchReport report("contract", parse_bench_options(argc, argv, "bench/run contract DIR [--json FILE] [--check]"));
  return run(report);
}
