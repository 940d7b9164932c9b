// The page: a list of 100 photos and its 100 thumbnails, from a user with 100,000, over HTTP, idle and while
// bulk jobs fill the lanes.
//
// Open loop: pages are asked for at a stated rate whether or not the ones before have come, and each is timed
// from when it was due. Cold: the farm has just started, the kernel's file cache was dropped for all its
// files, and is dropped again every second; every page is another range. Warm: 20 ranges again and again,
// read once before. The bulk jobs are the photos of DIR (sample photographs without it), uploaded all the
// time. The clients run beside the farm, on the same cores; the table says what CPU everybody used. Index
// operations are timed on the same store, before the farm opens it.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <memory>
#include <optional>
#include <thread>

#include "bench/page/bulk_load.h"
#include "bench/page/index_operations.h"
#include "bench/page/library.h"
#include "bench/page/visitors.h"
#include "bench/support/bench_report.h"
#include "bench/support/farm_process.h"
#include "bench/support/http_fetcher.h"
#include "bench/support/process_tree.h"
#include "core/base/unique_fd.h"

namespace tintype::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kPagesASecond = 10;
constexpr double kPhaseSeconds = 40;
constexpr char kUsage[] =
    "bench/run page [DIR] [--parts index,idle,loaded] [--json FILE] [--check]\n"
    "DIR holds JPEGs for the bulk jobs. --parts: only these (all take about four minutes).";

void drop_from_file_cache(const fs::path& folder) {
  ::sync();
  std::error_code gone;  // files of a running farm come and go
  for (fs::recursive_directory_iterator it(folder, gone), end; !gone && it != end; it.increment(gone)) {
    if (!it->is_regular_file(gone)) continue;
    const UniqueFd fd(::open(it->path().c_str(), O_RDONLY | O_CLOEXEC));
    if (fd) ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
  }
}

// Drops the files of `folder` from the kernel's cache every second.
class KeptCold {
 public:
  explicit KeptCold(fs::path folder)
      : thread_([folder = std::move(folder)](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::seconds(1));
            drop_from_file_cache(folder);
          }
        }) {}

 private:
  std::jthread thread_;
};

// CPU seconds so far: of the farm's process, of its children (lanes and queue), of this one (the clients).
struct CpuUsed {
  double farm = 0, children = 0, clients = 0;

  static CpuUsed now(pid_t farm) {
    rusage own{};
    ::getrusage(RUSAGE_SELF, &own);
    const auto seconds = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
    return {cpu_seconds_of(farm), cpu_seconds_below(farm), seconds(own.ru_utime) + seconds(own.ru_stime)};
  }
  CpuUsed operator-(const CpuUsed& before) const {
    return {farm - before.farm, children - before.children, clients - before.clients};
  }
};

class PageBench {
 public:
  PageBench(BenchReport& report, fs::path data, std::string photos)
      : report_(report), data_(std::move(data)), photos_(std::move(photos)) {}

  void measure_idle() {
    start_cold();
    measure("idle_cold_p99_ms", "idle, cold", Ranges::kAny);
    measure("idle_warm_p99_ms", "idle, warm", Ranges::kHot);
    measure_timeline();
  }

  void measure_loaded() {
    start_cold();
    const BulkLoad load(farm_->port(), photos_);
    measure("loaded_cold_p99_ms", "lanes full, cold", Ranges::kAny);
    measure("loaded_warm_p99_ms", "lanes full, warm", Ranges::kHot);
    report_.note(std::format("{} bulk photos were uploaded meanwhile; {} looks in 250 ms steps found none waiting",
                             load.uploaded(), load.times_empty()));
  }

  void print() {
    report_.table(
        std::format("A list of 100 and its 100 thumbnails, of {} photos, {} pages a second", kPhotos, kPagesASecond),
        times_);
    report_.table("CPU meanwhile, in cores", cpu_);
  }

 private:
  void start_cold() {
    farm_.reset();
    drop_from_file_cache(data_);
    farm_.emplace(data_);
  }

  // The counts of 137 months, one request after the other.
  void measure_timeline() {
    constexpr int kTimes = 500;
    Latencies times;
    HttpFetcher browser(farm_->port(), 1);
    for (int i = 0; i < kTimes; ++i) {
      const double start = now_seconds();
      browser.get("/v1/timeline/buckets");
      times.add(now_seconds() - start);
    }
    times.add_row_to(times_, "idle: timeline, counts a month");
    report_.figure("timeline_p99_ms", times.within_ms(0.99), "ms",
                   std::format("p99 of the counts by month of {} photos", kPhotos));
  }

  void measure(const std::string& key, const std::string& what, Ranges ranges) {
    PageTimes times;
    Visitors visitors(farm_->port(), ranges);
    std::optional<KeptCold> cold;
    if (ranges == Ranges::kAny) cold.emplace(data_);
    const CpuUsed before = CpuUsed::now(farm_->pid());
    const double start = now_seconds();
    visitors.visit(kPagesASecond, kPhaseSeconds, times);
    const double seconds = now_seconds() - start;
    const CpuUsed used = CpuUsed::now(farm_->pid()) - before;
    times.pages.add_row_to(times_, what + ": page");
    times.lists.add_row_to(times_, what + ": its list");
    times.thumbnails.add_row_to(times_, what + ": a thumbnail");
    const auto cores = [&](double cpu) { return std::format("{:.2f}", cpu / seconds); };
    cpu_.add_row({what, cores(used.farm), cores(used.children), cores(used.clients)});
    report_.figure(key, times.pages.within_ms(0.99), "ms",
                   std::format("p99 of a page, {}, {} pages a second", what, kPagesASecond));
  }

  BenchReport& report_;
  const fs::path data_;
  const std::string photos_;
  std::optional<ServedFarm> farm_;
  Table times_ = Latencies::table();
  Table cpu_{{{"phase"}, {"farm", Align::kRight}, {"its lanes and queue", Align::kRight}, {"clients", Align::kRight}}};
};

void make_library(BenchReport& report, const fs::path& data, bool with_index_part) {
  fs::create_directories(data / "store");
  const SystemClock clock;
  Logger log(LogLevel::kError);
  EmbeddedStoreConfig config;
  config.dir = data / "store";
  const auto store = must(open_embedded_store(config, clock, log));
  const double start = now_seconds();
  fill(*store);
  report.note(std::format("{} photos made in {:.0f} s", kPhotos, now_seconds() - start));
  if (with_index_part) measure_index(report, *store);
}

int run(int argc, char** argv) {
  BenchReport report("page", parse_bench_options(argc, argv, kUsage, {"index", "idle", "loaded"}));
  const BenchOptions& options = report.options();
  const char* photos = std::getenv("TINTYPE_PHOTOS");
  const std::string dir = !options.dir.empty() ? options.dir : photos && *photos ? photos : "/usr/share/backgrounds";
  std::string folder = (fs::temp_directory_path() / "tintype-page-XXXXXX").string();
  if (!::mkdtemp(folder.data())) std::exit((std::perror("page: no temporary folder"), 1));
  {
    const fs::path data = fs::path(folder) / "data";
    make_library(report, data, options.wants("index"));
    PageBench bench(report, data, dir);
    if (options.wants("idle")) bench.measure_idle();
    if (options.wants("loaded")) bench.measure_loaded();
    bench.print();
  }
  fs::remove_all(folder);
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) { return tintype::bench::run(argc, argv); }
