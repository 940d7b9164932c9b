// How long an upload of 3 MB takes until it is acknowledged as durable: p50 and p99, raw and by tus, lanes
// idle or busy.
//
// The farm is `tintype serve` with its own nats-server, on the disk of TMPDIR; clients are beside it, a kept
// connection each. Without DIR every upload is noise, which the lanes refuse at once; with DIR a second table
// has its photos (made 3 MB by bytes after their end), so that the lanes work all the time. Photos are
// deleted between uploads, outside the time.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <format>
#include <fstream>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "bench/support/bench_report.h"
#include "bench/support/farm_process.h"
#include "bench/support/http_fetcher.h"

namespace tintype::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kBytes = 3'000'000;
constexpr int kUploads = 300;  // a row

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "uploads: %s\n", what.c_str());
  std::_Exit(1);
}

// Each answers the new photo's id.
using Upload = std::string (*)(HttpFetcher&, std::string_view);

std::string upload_raw(HttpFetcher& client, std::string_view bytes) {
  return client.request("POST", "/v1/photos", {}, bytes).text_of("photo_id");
}
constexpr std::string_view kTus = "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\n";

std::string upload_by_tus(HttpFetcher& client, std::string_view bytes) {
  const std::string url =
      client.request("POST", "/v1/uploads", std::format("Tus-Resumable: 1.0.0\r\nUpload-Length: {}\r\n", bytes.size()))
          .header("Location");
  return client.request("PATCH", url, std::format("{}Upload-Offset: 0\r\n", kTus), bytes).header("Tintype-Photo");
}
std::string upload_with_creation(HttpFetcher& client, std::string_view bytes) {
  return client.request("POST", "/v1/uploads", std::format("{}Upload-Length: {}\r\n", kTus, bytes.size()), bytes)
      .header("Tintype-Photo");
}

std::vector<std::string> noise() {
  std::string bytes(kBytes, '\0');
  std::mt19937 random(1);
  std::ranges::generate(bytes, [&] { return static_cast<char>(random()); });
  return {bytes};
}

std::vector<std::string> photos_of(const std::string& dir) {
  std::vector<std::string> photos;
  for (const auto& entry : fs::directory_iterator(dir)) {
    if (entry.path().extension() != ".jpg" || entry.file_size() > kBytes) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    bytes.resize(kBytes, '\0');
    photos.push_back(std::move(bytes));
  }
  if (photos.empty()) give_up(dir + " holds no JPEG of at most 3 MB");
  return photos;
}

// Milliseconds of each upload, sorted.
std::vector<double> measure(std::uint16_t port, int connections, Upload upload,
                            const std::vector<std::string>& payloads) {
  std::mutex mutex;
  std::vector<double> times;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < connections; ++t) {
      threads.emplace_back([&, t] {
        HttpFetcher client(port, 1);
        for (int i = t; i < kUploads; i += connections) {
          const std::string& bytes = payloads[static_cast<std::size_t>(i) % payloads.size()];
          const auto start = Clock::now();
          const std::string photo = upload(client, bytes);
          const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
          if (photo.size() != 13) give_up("an upload was answered without a photo");
          client.request("DELETE", "/v1/photos/" + photo);
          const std::lock_guard lock(mutex);
          times.push_back(ms);
        }
      });
    }
  }
  std::ranges::sort(times);
  return times;
}

double percentile(const std::vector<double>& sorted, double part) {
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
}

void measure_all(BenchReport& report, const ServedFarm& farm, const std::string& lanes,
                 const std::vector<std::string>& payloads) {
  struct Kind {
    std::string key, name;
    Upload upload;
  };
  const Kind kinds[] = {{"raw", "POST /v1/photos", upload_raw},
                        {"tus", "tus: creation, then one PATCH", upload_by_tus},
                        {"tus_at_once", "tus: creation with upload", upload_with_creation}};
  Table table({{"3 MB by"},
               {"connections", Align::kRight},
               {"p50 ms", Align::kRight},
               {"p99 ms", Align::kRight},
               {"worst ms", Align::kRight}});
  for (const Kind& kind : kinds) {
    for (const int connections : {1, 4}) {
      const auto times = measure(farm.port(), connections, kind.upload, payloads);
      const double p50 = percentile(times, 0.5), p99 = percentile(times, 0.99);
      table.add_row({kind.name, std::to_string(connections), std::format("{:.1f}", p50), std::format("{:.1f}", p99),
                     std::format("{:.1f}", times.back())});
      const std::string key = std::format("{}_{}_{}", kind.key, lanes, connections);
      const std::string meaning = std::format("{}, lanes {}, {} connections", kind.name, lanes, connections);
      report.figure(key + "_p50_ms", p50, "ms", meaning);
      report.figure(key + "_p99_ms", p99, "ms", meaning);
    }
  }
  report.table(std::format("From the first byte sent to the acknowledgement; lanes {}", lanes), table);
}

int run(int argc, char** argv) {
  BenchReport report("uploads", parse_bench_options(argc, argv, "bench/run uploads [DIR] [--json FILE] [--check]"));
  std::string work = (fs::temp_directory_path() / "tintype-uploads-XXXXXX").string();
  if (!::mkdtemp(work.data())) give_up("no temporary folder");
  {
    const ServedFarm farm(work + "/data", {"--log-level", "error"});
    measure_all(report, farm, "idle", noise());
    if (!report.options().dir.empty()) measure_all(report, farm, "busy", photos_of(report.options().dir));
  }
  fs::remove_all(work);
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) { return tintype::bench::run(argc, argv); }
