// The numbers that the quality contract's forecast goes by, measured and fitted: writes
// core/quality/fitted_forecast.cpp.
//
// Every photo of DIR is encoded at 2048, 1024 and 512 px over the whole scale of each encoder and measured. Each half
// of the photos is fitted and its fit judged on the other half, by replaying contracts on the curves; then all are
// fitted, and that is what is written. Which photos to judge the result on, with real encodes: others, by `bench/run
// contract`.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <format>
#include <fstream>

#include "bench/contract_fit/curves.h"
#include "bench/contract_fit/fit.h"
#include "bench/contract_fit/replay.h"
#include "bench/support/bench_report.h"
#include "bench/support/own_options.h"
#include "codec/resize.h"

namespace tintype::bench {
namespace {

constexpr const char* kUsage =
    "bench/run contract-fit DIR [--curves FILE] [--write FILE] [--json FILE]\n"
    "  --curves  keeps what was measured there, and measures only what it lacks\n"
    "  --write   where the source text goes, such as core/quality/fitted_forecast.cpp; without it: nowhere";

// Of the photos of the folder, by name.
Result<std::vector<PhotoCurves>> curves_of(const std::string& folder, const std::string& file, BenchReport& report) {
  TT_ASSIGN(std::vector<PhotoCurves> known, read_curves(file));
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<PhotoCurves> all;
  for (const auto& path : paths) {
    const auto found = std::ranges::find(known, path.filename().string(), &PhotoCurves::photo);
    if (found != known.end()) {
      all.push_back(std::move(*found));
      continue;
    }
    auto measured = measure_curves(path);
    if (!measured) {
      report.note(std::format("{}: {}", path.filename().string(), measured.error().message));
      continue;
    }
    if (!file.empty()) TT_TRY(append_curves(file, *measured));
    all.push_back(std::move(*measured));
  }
  return all;
}

void judge_halves(BenchReport& report, std::span<const PhotoCurves> photos) {
  std::vector<PhotoCurves> halves[2];
  for (std::size_t i = 0; i < photos.size(); ++i) halves[i % 2].push_back(photos[i]);
  const ForecastFit fits[] = {fit_forecast(halves[0]), fit_forecast(halves[1])};
  Table table({{"fitted on"},
               {"judged on"},
               {"WebP by"},
               {"files", Align::kRight},
               {"missed", Align::kRight},
               {"encodes a file", Align::kRight}});
  for (const QualityScale webp : {QualityScale::kLibwebp, QualityScale::kTintype}) {
    Replay both;
    for (const int half : {0, 1}) {
      const Replay one = replay(fits[half], halves[1 - half], webp);
      table.add_row({half ? "second half" : "first half", half ? "first half" : "second half", name_of(webp),
                     std::to_string(one.files), std::to_string(one.missed),
                     std::format("{:.2f}", one.encodes / one.files)});
      both = {both.files + one.files, both.missed + one.missed, both.encodes + one.encodes};
    }
    report.figure(std::format("heldout_encodes_{}", name_of(webp)), both.encodes / both.files, "",
                  "mean a file, by the fit of the other half");
    report.figure(std::format("heldout_missed_{}", name_of(webp)), static_cast<double>(both.missed) / both.files, "",
                  "share of files outside of their window");
  }
  report.table("contracts replayed on curves, every other photo", table);
}

Status run(BenchReport& report, const OwnOptions& options) {
  TT_ASSIGN(const auto photos, curves_of(report.options().dir, options.text("--curves"), report));
  if (photos.size() < 4)
    return fail(ErrorCode::kInvalidArgument,
                "there are too few photos in " + report.options().dir + "; at least 4 are needed");
  report.figure("photos", static_cast<double>(photos.size()), "", "measured");
  judge_halves(report, photos);
  const std::string text = source_text(fit_forecast(photos));
  const std::string source_file = options.text("--write");
  if (source_file.empty()) return {};
  std::ofstream out(source_file, std::ios::binary);
  out << text;
  if (!out.flush()) return fail(ErrorCode::kIo, "cannot write " + source_file);
  return {};
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  using namespace tintype::bench;
  tintype::use_one_thread_per_codec();
  const OwnOptions options(argc, argv, {"--curves", "--write"});
  BenchReport report("contract-fit", parse_bench_options(argc, argv, kUsage));
  if (report.options().dir.empty()) {
    std::fprintf(stderr, "bench contract-fit: name a folder of photos: %s\n", kUsage);
    return 2;
  }
  if (const auto done = run(report, options); !done) {
    std::fprintf(stderr, "bench contract-fit: %s\n", done.error().message.c_str());
    return 1;
  }
  return report.finish();
}
