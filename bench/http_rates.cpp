// What the gateway costs: requests a second and CPU of its process a request, small GETs to 3 MB uploads.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <format>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "bench/support/bench_report.h"
#include "bench/support/http_fetcher.h"
#include "core/base/unique_fd.h"
#include "core/queue/memory/memory_queue.h"
#include "gateway/gateway.h"
#include "storage_client/embedded/embedded_store.h"
#include "storage_client/memory/memory_store.h"

namespace tintype::bench {
namespace {

constexpr std::size_t kVariantBytes[] = {400'000, 200'000, 150'000, 80'000, 60'000, 30'000, 20'000, 10'000};
constexpr std::chrono::milliseconds kTimeARow{2'000};

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "http-rates: %s\n", what.c_str());
  std::_Exit(1);
}
template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error().to_string());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// What the client must know of the server.
struct Served {
  std::uint16_t port = 0;
  char photo[14] = {};  // has the variants "0.webp".."7.webp"
};

Served prepare_photo(BlobStore& blobs, PhotoIndex& index, const Clock& clock) {
  const PhotoId id = SortableId::make(clock.now_ms());
  Photo photo;
  photo.light.photo = id;
  photo.light.taken_at_ms = id.time_ms();
  photo.light.bytes = 1;
  photo.heavy.sha256 = std::string(64, '0');
  photo.heavy.original_key = BlobKey{"local", id, 0, "original"}.to_string();
  photo.heavy.job.id = SortableId::make(clock.now_ms());
  photo.heavy.job.owner = "local";
  photo.heavy.job.photo = id;
  photo.heavy.job.recipe = builtin_recipes().front();
  must(index.create("local", photo));
  Manifest manifest;
  for (std::size_t i = 0; i < std::size(kVariantBytes); ++i) {
    const std::string bytes(kVariantBytes[i], 'v');
    const BlobKey key{"local", id, 0, std::format("{}.webp-1", i)};
    const BlobPut put{key, as_bytes(bytes)};
    must(blobs.put_all({&put, 1}));
    Variant variant;
    variant.name = std::format("{}.webp", i);
    variant.blob_key = key.to_string();
    variant.bytes = bytes.size();
    variant.sha256 = std::string(64, 'a');
    manifest.variants.push_back(variant);
  }
  LightUpdate update;
  update.complete = true;
  must(index.commit_manifest("local", id, manifest, update));
  Served served;
  std::memcpy(served.photo, id.to_string().c_str(), 13);
  return served;
}

// The server's process: serves until it is killed.
[[noreturn]] void serve(int report_to, const std::string& embedded_dir) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  static const SystemClock clock;
  static Metrics metrics;
  static Logger log(LogLevel::kError);
  MemoryStore memory = make_memory_store(clock);
  std::unique_ptr<EmbeddedStore> embedded;
  if (!embedded_dir.empty()) {
    EmbeddedStoreConfig config;
    config.dir = embedded_dir;
    embedded = must(open_embedded_store(config, clock, log));
  }
  BlobStore& blobs = embedded ? embedded->blobs() : *memory.blobs;
  PhotoIndex& index = embedded ? embedded->index() : *memory.index;
  JobStore& jobs = embedded ? embedded->jobs() : *memory.jobs;
  const auto queue = must(make_memory_queue({}, clock));
  const auto events = make_memory_event_log();
  Served served = prepare_photo(blobs, index, clock);
  const auto gateway = must(
      start_gateway({}, {blobs, index, jobs, *queue, *events, clock, metrics, log, [] { return std::string("{}"); }}));
  const std::string url = gateway->url();
  served.port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  if (::write(report_to, &served, sizeof served) != sizeof served) give_up("the pipe broke");
  for (;;) ::pause();
}

class ServerProcess {
 public:
  explicit ServerProcess(const std::string& embedded_dir) {
    int ends[2];
    if (::pipe(ends) != 0) give_up("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) serve(ends[1], embedded_dir);
    ::close(ends[1]);
    const UniqueFd reader(ends[0]);
    if (::read(reader.get(), &served_, sizeof served_) != sizeof served_) give_up("the server did not start");
    if (::clock_getcpuclockid(pid_, &cpu_clock_) != 0) give_up("the server's CPU time cannot be read");
  }
  ~ServerProcess() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  double cpu_seconds() const {
    timespec time{};
    ::clock_gettime(cpu_clock_, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  }
  const Served& served() const { return served_; }

 private:
  pid_t pid_ = -1;
  clockid_t cpu_clock_ = 0;
  Served served_;
};

std::string upload(HttpFetcher& client, std::string_view bytes) {
  return client.request("POST", "/v1/photos", {}, bytes).text_of("photo_id");
}

struct Rate {
  double per_second = 0;
  double cpu_us = 0;
};

// `work` again and again on each of `connections`, one thread each.
Rate measure(const ServerProcess& server, int connections, const std::function<void(HttpFetcher&)>& work) {
  std::atomic<long> done = 0;
  const double cpu = server.cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < connections; ++i) {
      threads.emplace_back([&] {
        HttpFetcher client(server.served().port, 1);
        while (std::chrono::steady_clock::now() - start < kTimeARow) {
          work(client);
          ++done;
        }
      });
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return {static_cast<double>(done) / seconds, (server.cpu_seconds() - cpu) * 1e6 / static_cast<double>(done)};
}

class Bench {
 public:
  Bench(BenchReport& report, Table& table, std::string store, const ServerProcess& server)
      : report_(report), table_(table), store_(std::move(store)), server_(server) {}

  void row(const std::string& key, const std::string& what, int connections,
           const std::function<void(HttpFetcher&)>& work) {
    const Rate rate = measure(server_, connections, work);
    table_.add_row({what, store_, std::to_string(connections), std::format("{:.0f}", rate.per_second),
                    std::format("{:.0f}", rate.cpu_us)});
    report_.figure(key + "_us", rate.cpu_us, "us", what + ": CPU of the server a time, " + store_ + " store");
  }

 private:
  BenchReport& report_;
  Table& table_;
  std::string store_;
  const ServerProcess& server_;
};

void measure_store(BenchReport& report, Table& table, const std::string& store, const std::string& embedded_dir) {
  const ServerProcess server(embedded_dir);
  Bench bench(report, table, store, server);
  const std::string photo = std::string("/v1/photos/") + server.served().photo;
  const std::string three_megabytes(3'000'000, 'p');
  const std::string one_megabyte(1'000'000, 'p');
  const auto get = [](std::string target) { return [target](HttpFetcher& client) { client.request("GET", target); }; };
  if (embedded_dir.empty()) {
    bench.row("health_1", "GET /healthz", 1, get("/healthz"));
    bench.row("health_16", "GET /healthz", 16, get("/healthz"));
  }
  bench.row(store + "_variant", "GET a variant of 20 kB", 16, get(photo + "/variants/6.webp"));
  bench.row(store + "_list", "GET a list", 16, get("/v1/photos?limit=100"));
  bench.row(store + "_upload", "POST 3 MB, DELETE it", 4,
            [&](HttpFetcher& client) { client.request("DELETE", "/v1/photos/" + upload(client, three_megabytes)); });
  bench.row(store + "_life", "POST 1 MB, GET 8 variants, DELETE it", 4, [&](HttpFetcher& client) {
    const std::string id = upload(client, one_megabyte);
    for (std::size_t i = 0; i < std::size(kVariantBytes); ++i) {
      client.request("GET", std::format("{}/variants/{}.webp", photo, i));
    }
    client.request("DELETE", "/v1/photos/" + id);
  });
}

int run(int argc, char** argv) {
  BenchReport report("http-rates", parse_bench_options(argc, argv, "bench/run http-rates [--json FILE] [--check]"));
  Table table({{"request"},
               {"store"},
               {"connections", Align::kRight},
               {"a second", Align::kRight},
               {"server CPU us", Align::kRight}});
  std::string folder = (std::filesystem::temp_directory_path() / "tintype-http-XXXXXX").string();
  if (!::mkdtemp(folder.data())) give_up("no temporary folder");
  measure_store(report, table, "memory", "");
  measure_store(report, table, "embedded", folder);
  std::filesystem::remove_all(folder);
  report.table("The gateway in a process of its own, client beside it", table);
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) { return tintype::bench::run(argc, argv); }
