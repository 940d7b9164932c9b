// Our VP8 encoder against libwebp's: the front of bytes at equal quality and encode rate, -m 0 to 6 and our efforts.
//
// Every encoder is given the same planes and asked for the same qualities; the files are decoded by libwebp and judged
// by SSIMULACRA 2 and PSNR. Rates are of CPU (user and sys), one thread, over all qualities.
#include <algorithm>
#include <cmath>
#include <format>
#include <map>

#include "bench/support/bench_report.h"
#include "bench/support/own_options.h"
#include "bench/vp8/bd_rate.h"
#include "bench/vp8/coders.h"
#include "bench/vp8/judge.h"
#include "codec/resize.h"
#include "kernels/simd/targets.h"

namespace tintype::bench {
namespace {

constexpr const char* kUsage =
    "bench/run vp8 DIR [--json FILE] [--check] [--half tuned|held-out|all] [--megapixels M] [--pictures N] [--coders "
    "NAME,...] [--judge own|debian] [--goals SECTION]\n"
    "  --half        which half of the photos (held-out)\n"
    "  --megapixels  photos are reduced to at most this (1.5)\n"
    "  --pictures    only the first N\n"
    "  --coders      only these beside \"libwebp m4\", such as fast,default\n"
    "  --judge       whose SSIMULACRA 2: our kernel's, or that of Debian's program, which is slower (own)\n"
    "  --goals       which section of bench/goals.toml (vp8)";

struct Options {
  Half half = Half::kHeldOut;
  double megapixels = 1.5;
  std::size_t pictures = 1000;
  std::string coders;
  std::string goals = "vp8";
  bool by_debian = false;
};

Options options_of(const OwnOptions& own) {
  Options options;
  const std::string half = own.text("--half");
  options.half = half == "tuned" ? Half::kTuned : half == "all" ? Half::kAll : Half::kHeldOut;
  options.megapixels = std::max(0.001, own.number("--megapixels", options.megapixels));
  options.pictures =
      static_cast<std::size_t>(std::max(1.0, own.number("--pictures", static_cast<double>(options.pictures))));
  options.coders = own.text("--coders");
  if (const std::string goals = own.text("--goals"); !goals.empty()) options.goals = goals;
  options.by_debian = own.text("--judge") == "debian";
  return options;
}

constexpr int kQualities[] = {40, 50, 60, 68, 75, 80, 85, 90, 95};

struct Curves {
  std::vector<RatePoint> ssimulacra2, psnr;
};

// What is known of one encoder.
struct Totals {
  std::vector<double> by_ssimulacra2, by_psnr;
  double cpu_seconds = 0, megapixels = 0;

  double rate() const { return megapixels / cpu_seconds; }
};

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? NAN : sum / static_cast<double>(values.size());
}

double worst(const std::vector<double>& values) { return values.empty() ? NAN : std::ranges::max(values); }

Result<Curves> curves_of(const Coder& coder, const BenchPicture& picture, const Judge& judge, Totals& totals) {
  Curves curves;
  for (const int quality : kQualities) {
    TT_ASSIGN(const CodedFile file, encode_with(coder, picture, quality));
    TT_ASSIGN(const Worth worth, worth_of(file, picture, judge));
    const auto bytes = static_cast<double>(file.bytes.size());
    curves.ssimulacra2.push_back({bytes, worth.ssimulacra2});
    curves.psnr.push_back({bytes, worth.psnr});
    totals.cpu_seconds += file.cpu_seconds;
    totals.megapixels += picture.megapixels();
  }
  return curves;
}

std::string percent(double part) { return std::format("{:+.1f}", part * 100); }

class Contest {
 public:
  Contest(const std::string& wanted, bool by_debian) : by_debian_(by_debian) {
    for (const Coder& coder : every_coder()) {
      if (wanted.empty() || coder.name == kBase || ("," + wanted + ",").contains("," + coder.name + ","))
        coders_.push_back(coder);
    }
    std::vector<Table::Column> columns{{"photo", Align::kLeft}, {"MP", Align::kRight}};
    for (const Coder& coder : coders_) {
      if (coder.name != kBase) columns.push_back({coder.name + " ssim2/psnr %", Align::kRight});
    }
    table_ = Table(columns);
  }

  Status add(const BenchPicture& picture) {
    TT_ASSIGN(const auto judge, by_debian_ ? debian_judge(picture) : own_judge(picture));
    std::map<std::string, Curves> curves;
    for (const Coder& coder : coders_) {
      TT_ASSIGN(curves[coder.name], curves_of(coder, picture, *judge, totals_[coder.name]));
    }
    std::vector<std::string> row{picture.name, std::format("{:.1f}", picture.megapixels())};
    for (const Coder& coder : coders_) {
      if (coder.name == kBase) continue;
      const auto by_score = bd_rate(curves[kBase].ssimulacra2, curves[coder.name].ssimulacra2, 2);
      const auto by_psnr = bd_rate(curves[kBase].psnr, curves[coder.name].psnr, 0.5);
      if (by_score) totals_[coder.name].by_ssimulacra2.push_back(*by_score);
      if (by_psnr) totals_[coder.name].by_psnr.push_back(*by_psnr);
      row.push_back(std::format("{} / {}", by_score ? percent(*by_score) : "-", by_psnr ? percent(*by_psnr) : "-"));
    }
    table_.add_row(row);
    return {};
  }

  void tell(BenchReport& report) {
    report.table("bytes over libwebp -m 4 at equal quality, q 40 to 95", table_);
    const double base_rate = totals_[kBase].rate();
    Table front({{"encoder"},
                 {"MP/s of CPU", Align::kRight},
                 {"over m4", Align::kRight},
                 {"ssim2 %", Align::kRight},
                 {"worst %", Align::kRight},
                 {"psnr %", Align::kRight},
                 {"worst %", Align::kRight}});
    for (const Coder& coder : coders_) {
      Totals& of = totals_[coder.name];
      const bool is_base = coder.name == kBase;
      front.add_row({coder.name, std::format("{:.1f}", of.rate()), std::format("{:.2f}", of.rate() / base_rate),
                     is_base ? "0" : percent(mean(of.by_ssimulacra2)),
                     is_base ? "0" : percent(worst(of.by_ssimulacra2)), is_base ? "0" : percent(mean(of.by_psnr)),
                     is_base ? "0" : percent(worst(of.by_psnr))});
      if (coder.is_libwebp) continue;
      report.figure(coder.name + "_rate", of.rate() / base_rate, "", "encode rate over libwebp -m 4's");
      report.figure(coder.name + "_ssimulacra2", mean(of.by_ssimulacra2), "",
                    "mean of bytes over -m 4's at equal SSIMULACRA 2, less 1");
      report.figure(coder.name + "_psnr", mean(of.by_psnr), "", "the same at equal PSNR");
      report.figure(coder.name + "_worst", worst(of.by_ssimulacra2), "", "the worst picture by SSIMULACRA 2");
      if (totals_.contains("libwebp m0")) {
        report.figure(coder.name + "_rate_over_m0", of.rate() / totals_["libwebp m0"].rate(), "",
                      "encode rate over libwebp -m 0's");
      }
      if (totals_.contains("libwebp m2")) {
        report.figure(coder.name + "_less_m2", mean(of.by_ssimulacra2) - mean(totals_["libwebp m2"].by_ssimulacra2), "",
                      "mean by SSIMULACRA 2, less libwebp -m 2's");
      }
    }
    report.table(std::format("the front, {}", simd::targets().front()), front);
  }

 private:
  static constexpr const char* kBase = "libwebp m4";
  const bool by_debian_;
  std::vector<Coder> coders_;
  std::map<std::string, Totals> totals_;
  Table table_{std::vector<Table::Column>{}};
};

int run(BenchReport& report, const Options& options) {
  use_one_thread_per_codec();
  if (report.options().dir.empty()) {
    report.note("nothing was measured: name a folder of photos");
    return report.finish();
  }
  Contest contest(options.coders, options.by_debian);
  std::size_t taken = 0;
  for (const auto& path : photos_of(report.options().dir, options.half)) {
    if (taken == options.pictures) break;
    const auto picture = read_picture(path, options.megapixels);
    if (!picture) continue;
    ++taken;
    if (const Status added = contest.add(*picture); !added) {
      report.note(path.filename().string() + ": " + added.error().message);
    }
  }
  contest.tell(report);
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  using namespace tintype::bench;
  const Options options =
      options_of(OwnOptions(argc, argv, {"--half", "--megapixels", "--pictures", "--coders", "--judge", "--goals"}));
  BenchReport report(options.goals, parse_bench_options(argc, argv, kUsage));
  return run(report, options);
}
