// The quality contract on photos: scores by Debian's `ssimulacra2`, encodes a file, the CPU and bytes that it costs and
// saves.
//
// Every photo of DIR at 2048 and 1024 px (those that are larger), WebP and AVIF, for scores 70 and 80, as a job of
// class upload makes them: the four files of one photo and score share what they learn. The judge reads PPM, and is
// asked twice: against the reduced picture that the engine measured on, and against the photo reduced by ImageMagick,
// which knows nothing of ours (to 16 bits: to 8 it cuts off instead of rounding, and its picture is darker by half a
// level).
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "bench/support/bench_report.h"
#include "bench/support/own_options.h"
#include "bench/support/process_cpu.h"
#include "codec/contract_encoder.h"
#include "codec/decode.h"
#include "codec/ladder.h"
#include "codec/probe.h"
#include "codec/resize.h"
#include "core/job/plan.h"

namespace tintype::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostPhotos = 40;
constexpr std::uint32_t kLongSides[] = {2048, 1024};
constexpr double kScores[] = {70, 80};
constexpr double kMayBeBelow = 0.3, kMayBeAbove = 1.5;

constexpr const char* kUsage =
    "bench/run contract DIR [--webp-encoder NAME] [--json FILE] [--check]\n"
    "  --webp-encoder  tintype or libwebp (tintype)";

EncodeOptions options_of(ImageFormat format, Encoder webp) {
  return {format, format == ImageFormat::kWebp ? webp : default_encoder(format), 0,
          effort_of_class(format, JobClass::kUpload), 1};
}

struct Rung {
  std::uint32_t long_side;
  std::shared_ptr<const Pixels> picture;
  fs::path own_ppm, peer_ppm;  // the same picture, as the judge reads it
  double megapixels() const { return double(width_of(*picture)) * height_of(*picture) / 1e6; }
};

struct Row {
  std::string photo;
  std::uint32_t long_side;
  double target;
  double megapixels;
  std::uint64_t bytes;
  EncodeOptions options;
  ContractResult result;
  double judged, judged_by_peer;
  std::uint64_t fixed_bytes = 0;  // at the quality that every photo would need

  bool holds(double score) const { return score >= target - kMayBeBelow && score <= target + kMayBeAbove; }
  bool is_webp() const { return options.format == ImageFormat::kWebp; }
  std::tuple<bool, std::uint32_t, double> kind() const { return {is_webp(), long_side, target}; }
};

void write_ppm(const fs::path& path, const Image& image) {
  std::ofstream out(path, std::ios::binary);
  out << std::format("P6\n{} {}\n255\n", image.width, image.height);
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x)
      out.write(reinterpret_cast<const char*>(image.row(y)) + std::size_t{x} * image.channels, 3);
  }
}

Result<Image> shown(ByteView file) {
  TT_ASSIGN(SourceInfo info, probe(file));
  info.bytes = file.size();
  TT_ASSIGN(Decoded decoded, decode(file, info, {}));
  return std::move(decoded.image);
}

// A folder of this run's own, gone with it.
class Scratch {
 public:
  Scratch() : path_((fs::temp_directory_path() / "contract-XXXXXX").string()) {
    made_ = ::mkdtemp(path_.data()) != nullptr;
  }
  ~Scratch() {
    std::error_code ignored;
    if (made_) fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  bool is_made() const { return made_; }
  fs::path operator/(const std::string& name) const { return fs::path(path_) / name; }

 private:
  std::string path_;
  bool made_ = false;
};

class Judge {
 public:
  explicit Judge(const Scratch& scratch) : scratch_(scratch) {}

  Result<double> score(const fs::path& original, const fs::path& candidate) const {
    const fs::path said = scratch_ / "said";
    TT_ASSIGN(const ProcessCost cost, run_and_measure({"ssimulacra2", original, candidate}, said));
    if (cost.exit_status != 0) return fail(ErrorCode::kInternal, "ssimulacra2 failed");
    double score = 0;
    std::ifstream(said) >> score;
    return score;
  }

  // ImageMagick's own reading and reduction of the photo.
  Status reduce(const fs::path& photo, std::uint32_t width, std::uint32_t height, const fs::path& out) const {
    TT_ASSIGN(const ProcessCost cost,
              run_and_measure({"magick", photo, "-auto-orient", "-filter", "Lanczos", "-resize",
                               std::format("{}x{}!", width, height), "-depth", "16", "ppm:" + out.string()},
                              scratch_ / "said"));
    if (cost.exit_status != 0) return fail(ErrorCode::kInternal, "ImageMagick cannot reduce " + photo.string());
    return {};
  }

 private:
  const Scratch& scratch_;
};

// The photo's pictures, largest first; none where it is too small.
Result<std::vector<Rung>> rungs_of(const fs::path& path, const Judge& judge, const Scratch& scratch) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  TT_ASSIGN(SourceInfo info, probe(as_bytes(bytes)));
  info.bytes = bytes.size();
  if (info.has_alpha || info.frames > 1) return fail(ErrorCode::kUnsupported, "it is no photo");
  Recipe recipe;
  for (const std::uint32_t long_side : kLongSides) {
    if (std::max(info.width, info.height) > long_side) recipe.rungs.push_back({.long_side_px = long_side});
  }
  if (recipe.rungs.empty()) return std::vector<Rung>();
  TT_ASSIGN(const Plan plan, make_plan(recipe, info, {}));
  std::vector<PictureSize> sizes;
  for (const PlannedEncode& encode : plan.encodes) sizes.push_back({encode.width, encode.height, Chroma::kFull});
  TT_ASSIGN(Ladder ladder,
            decode_ladder(as_bytes(bytes), info,
                          {std::max(sizes[0].width, sizes[0].height), DamagedPolicy::kRefuse, false}, sizes));
  std::vector<Rung> rungs;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Rung& rung =
        rungs.emplace_back(recipe.rungs[i].long_side_px, std::make_shared<const Pixels>(std::move(ladder.pictures[i])),
                           scratch / std::format("own{}.ppm", i), scratch / std::format("peer{}.ppm", i));
    if (const auto* planes = std::get_if<Planes>(rung.picture.get())) {
      write_ppm(rung.own_ppm, to_rgb(*planes));
    } else {
      write_ppm(rung.own_ppm, std::get<Image>(*rung.picture));
    }
    TT_TRY(judge.reduce(path, sizes[i].width, sizes[i].height, rung.peer_ppm));
  }
  return rungs;
}

// All files of one photo.
Result<std::vector<Row>> contracts_of(const fs::path& path, Encoder webp, const Judge& judge, const Scratch& scratch) {
  TT_ASSIGN(const std::vector<Rung> rungs, rungs_of(path, judge, scratch));
  std::vector<Row> rows;
  for (const double score : kScores) {
    ContractEncoder contracts;  // a job's: what one file shows starts the next
    for (const Rung& rung : rungs) {
      for (const ImageFormat format : {ImageFormat::kWebp, ImageFormat::kAvif}) {
        TT_ASSIGN(ScoredFile made,
                  contracts.encode(rung.picture, {options_of(format, webp), {.score = score}, 0}, {}, {}));
        TT_ASSIGN(const Image seen, shown(made.bytes));
        write_ppm(scratch / "candidate.ppm", seen);
        TT_ASSIGN(const double judged, judge.score(rung.own_ppm, scratch / "candidate.ppm"));
        TT_ASSIGN(const double by_peer, judge.score(rung.peer_ppm, scratch / "candidate.ppm"));
        rows.push_back({path.filename(), rung.long_side, score, rung.megapixels(), made.bytes.size(), made.options,
                        made.result, judged, by_peer});
      }
    }
  }
  return rows;
}

// The quality that a recipe without contracts would have to name so that no photo falls below: the highest that one of
// them needed, for each kind of file; and the bytes of this row's photo at it.
Status add_fixed(const fs::path& folder, std::vector<Row>& rows, const Judge& judge, const Scratch& scratch) {
  std::map<std::tuple<bool, std::uint32_t, double>, int> needed;
  for (const Row& row : rows) {
    if (row.result.is_met()) needed[row.kind()] = std::max(needed[row.kind()], row.options.quality);
  }
  std::string photo;
  std::vector<Rung> rungs;
  for (Row& row : rows) {
    if (row.photo != photo) {
      TT_ASSIGN(rungs, rungs_of(folder / row.photo, judge, scratch));
      photo = row.photo;
    }
    const auto rung = std::ranges::find(rungs, row.long_side, &Rung::long_side);
    EncodeOptions options = row.options;
    options.quality = needed[row.kind()];
    TT_ASSIGN(const Bytes file, encode(*rung->picture, options, {}, {}));
    row.fixed_bytes = file.size();
  }
  return {};
}

void show(BenchReport& report, const std::vector<Row>& rows) {
  Table table({{"photo"},
               {"kind"},
               {"target", Align::kRight},
               {"judged", Align::kRight},
               {"by ImageMagick's", Align::kRight},
               {"end"},
               {"tried"},
               {"encodes", Align::kRight},
               {"CPU s", Align::kRight},
               {"one encode s", Align::kRight},
               {"KB", Align::kRight}});
  for (const Row& row : rows) {
    std::string tried;
    for (const Probe& probe : row.result.probes)
      tried +=
          std::format("{}{:g}: {:.1f}", tried.empty() ? "" : ", ", probe.quality + 0.25 * probe.quarters, probe.score);
    table.add_row({row.photo, std::format("{} {}", format_name(row.options.format), row.long_side),
                   std::format("{:.0f}", row.target), std::format("{:.2f}", row.judged),
                   std::format("{:.2f}", row.judged_by_peer), std::string(search_end_name(row.result.end)), tried,
                   std::format("{:.2f}", row.result.encodes()), std::format("{:.2f}", row.result.seconds),
                   std::format("{:.2f}", row.result.encode_seconds), std::format("{:.0f}", double(row.bytes) / 1000)});
  }
  report.table("one row a file", table);
}

void figures(BenchReport& report, const std::vector<Row>& rows) {
  const double files = static_cast<double>(rows.size());
  const auto share = [&](auto test) { return static_cast<double>(std::ranges::count_if(rows, test)) / files; };
  const auto sum = [&](auto value, auto counts) {
    double total = 0;
    for (const Row& row : rows) total += counts(row) ? value(row) : 0.0;
    return total;
  };
  const auto every = [](const Row&) { return true; };
  const auto webp = [](const Row& row) { return row.is_webp(); };
  const auto avif = [](const Row& row) { return !row.is_webp(); };
  report.figure("files", files, "", "photos x sizes x formats x scores");
  report.figure("broken", share([](const Row& row) { return row.result.is_met() && !row.holds(row.judged); }), "",
                "share of files said to be as asked for whose judged score is not within [target - 0.3, target + 1.5]");
  report.figure("unreachable", share([](const Row& row) { return !row.result.is_met(); }), "",
                "share of files marked so");
  report.figure("encodes", sum([](const Row& row) { return row.result.encodes(); }, every) / files, "",
                "mean a file, tries at half size as a quarter");
  const auto added = [](const Row& row) { return row.result.seconds - row.result.encode_seconds; };
  const auto megapixels = [](const Row& row) { return row.megapixels; };
  report.figure("added_cpu_s_per_mp_webp", sum(added, webp) / sum(megapixels, webp), "s/MP",
                "CPU over one encode at the quality that was kept: other encodes, decodes, metric");
  report.figure("added_cpu_s_per_mp_avif", sum(added, avif) / sum(megapixels, avif), "s/MP", "the same");
  const auto bytes = [](const Row& row) { return double(row.bytes); };
  const auto fixed = [](const Row& row) { return double(row.fixed_bytes); };
  report.figure("saved_webp", 1 - sum(bytes, webp) / sum(fixed, webp), "",
                "share of bytes against the one quality, for each size and score, at which no photo falls below");
  report.figure("saved_avif", 1 - sum(bytes, avif) / sum(fixed, avif), "", "the same");
  report.figure("against_imagemagick",
                sum([](const Row& row) { return row.judged_by_peer - row.judged; }, every) / files, "",
                "mean difference of score when the judge is given the photo as reduced by ImageMagick");
  report.figure("broken_by_imagemagick",
                share([](const Row& row) { return row.result.is_met() && !row.holds(row.judged_by_peer); }), "",
                "as broken, with that picture");
}

// What "best" would have kept of the WebP and the AVIF of the same photo, size and score.
void race_figures(BenchReport& report, const std::vector<Row>& rows) {
  double races = 0, won = 0, kept = 0, webp_bytes = 0, avif_bytes = 0;
  for (std::size_t i = 0; i + 1 < rows.size(); i += 2) {
    const Row& webp = rows[i];
    const Row& avif = rows[i + 1];
    if (!webp.result.is_met() || !avif.result.is_met()) continue;
    const bool pays =
        static_cast<double>(avif.bytes) <= (1 - ContractEncoder::kLeastSaving) * static_cast<double>(webp.bytes);
    ++races;
    won += pays;
    kept += static_cast<double>(pays ? avif.bytes : webp.bytes);
    webp_bytes += static_cast<double>(webp.bytes);
    avif_bytes += static_cast<double>(avif.bytes);
  }
  report.figure("best_is_avif", won / races, "", "share of pairs in which \"best\" keeps the AVIF");
  report.figure("best_bytes_to_webp", kept / webp_bytes - 1, "", "bytes of \"best\" over WebP at the same scores");
  report.figure("best_bytes_to_avif", kept / avif_bytes - 1, "", "and over AVIF");
}

int run(BenchReport& report, Encoder webp) {
  use_one_thread_per_codec();
  const fs::path folder = report.options().dir;
  const Scratch scratch;
  if (folder.empty() || !scratch.is_made()) {
    report.note(folder.empty() ? "nothing was measured: name a folder of photos"
                               : "no folder for the judge's files in " + fs::temp_directory_path().string());
    return report.finish();
  }
  const Judge judge(scratch);
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<Row> rows;
  const std::size_t stride = (paths.size() + kMostPhotos - 1) / kMostPhotos;
  for (std::size_t i = 0; i < paths.size(); i += stride) {
    auto made = contracts_of(paths[i], webp, judge, scratch);
    if (!made) report.note(std::format("{}: {}", paths[i].filename().string(), made.error().message));
    if (made) rows.insert(rows.end(), std::make_move_iterator(made->begin()), std::make_move_iterator(made->end()));
  }
  if (const Status fixed = add_fixed(folder, rows, judge, scratch); !fixed) report.note(fixed.error().message);
  show(report, rows);
  figures(report, rows);
  race_figures(report, rows);
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  using namespace tintype::bench;
  const OwnOptions own(argc, argv, {"--webp-encoder"});
  const auto webp = tintype::parse_encoder(own.text("--webp-encoder", "tintype"));
  BenchReport report("contract", parse_bench_options(argc, argv, kUsage));
  if (!webp || *webp == tintype::Encoder::kAom) {
    std::fprintf(stderr, "bench contract: --webp-encoder must be tintype or libwebp\n");
    return 2;
  }
  return run(report, *webp);
}
