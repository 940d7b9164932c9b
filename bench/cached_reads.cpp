// Cached reads: small variants served from memory, by one core, beside nginx serving the same bytes as files.
//
// Both servers run on core 0, one after the other, three times; the client keeps 32 connections on the other cores and
// asks for one file after another. nginx has one worker, sendfile, open_file_cache, and no log. What counts is
// requests a second of the server's CPU time, so that a slow client cannot flatter either. The farm's URLs are
// signed ones, as a page's <img> has them.
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <random>
#include <thread>

#include "bench/support/bench_report.h"
#include "bench/support/http_fetcher.h"
#include "bench/support/process_tree.h"
#include "core/base/digest.h"
#include "core/queue/memory/memory_queue.h"
#include "gateway/gateway.h"
#include "storage_client/cache/cached_blobs.h"
#include "storage_client/cache/cached_index.h"
#include "storage_client/memory/memory_store.h"

namespace tintype::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kFiles = 64;
constexpr std::size_t kSizes[] = {5'000, 20'000};
constexpr int kConnections = 32;
constexpr double kSeconds = 4;
constexpr int kRounds = 3;

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "cached-reads: %s\n", what.c_str());
  std::_Exit(1);
}
template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error().to_string());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

void stay_on(int first_core, int last_core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  for (int core = first_core; core <= last_core; ++core) CPU_SET(core, &cores);
  if (::sched_setaffinity(0, sizeof cores, &cores) != 0) give_up("the process cannot be kept on a core");
}

// A server in a process of its own, on core 0, and the CPU time of it and what it starts.
class Server {
 public:
  virtual ~Server() { stop(); }
  double cpu_seconds() const { return cpu_seconds_of(pid_) + cpu_seconds_below(pid_); }
  std::uint16_t port = 0;
  std::vector<std::string> targets;

 protected:
  void stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  pid_t pid_ = -1;
};

std::vector<std::string> make_files(std::size_t size) {
  std::mt19937 random(1);
  std::vector<std::string> files(kFiles, std::string(size, '\0'));
  for (std::string& file : files) {
    for (char& c : file) c = static_cast<char>(random());
  }
  return files;
}

class Nginx final : public Server {
 public:
  Nginx(const std::string& folder, const std::vector<std::string>& files, std::uint16_t wanted_port) {
    port = wanted_port;
    fs::create_directories(folder + "/html");
    for (std::size_t i = 0; i < files.size(); ++i) {
      std::ofstream(std::format("{}/html/{}.webp", folder, i), std::ios::binary) << files[i];
      targets.push_back(std::format("/{}.webp", i));
    }
    std::ofstream(folder + "/nginx.conf") << std::format(
        "daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;\n"
        "events {{ worker_connections 256; }}\n"
        "http {{ access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000000;\n"
        "  open_file_cache max=1000 inactive=60s; open_file_cache_valid 60s; types {{ image/webp webp; }}\n"
        "  client_body_temp_path {0}/a; proxy_temp_path {0}/b; fastcgi_temp_path {0}/c; uwsgi_temp_path {0}/d;\n"
        "  scgi_temp_path {0}/e;\n"
        "  server {{ listen 127.0.0.1:{1}; root {0}/html; add_header Cache-Control \"public, max-age=86400, "
        "immutable\";\n"
        "    add_header X-Content-Type-Options nosniff; }} }}\n",
        folder, port);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      stay_on(0, 0);
      const std::string config = folder + "/nginx.conf";
      ::execlp("nginx", "nginx", "-p", folder.c_str(), "-c", config.c_str(), nullptr);
      std::_Exit(127);
    }
    for (int i = 0; i < 200 && !fs::exists(folder + "/pid"); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (!fs::exists(folder + "/pid")) give_up("nginx did not start; apt-get install nginx-light");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
};

// The gateway over a store in memory, with the farm's caches before it.
[[noreturn]] void serve_farm(int report_to, const std::string& folder, const std::vector<std::string>& files) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  stay_on(0, 0);
  static const SystemClock clock;
  static Metrics metrics;
  static Logger log(LogLevel::kError);
  const MemoryStore store = make_memory_store(clock);
  const auto blobs = make_cached(*store.blobs, CachedBlobsConfig{}, metrics);
  const auto index = make_cached(*store.index, CachedIndexConfig{}, metrics);
  const auto queue = must(make_memory_queue({}, clock));
  const auto events = make_memory_event_log();
  for (std::size_t i = 0; i < files.size(); ++i) {
    Photo photo;
    const PhotoId id = SortableId::make(clock.now_ms() + static_cast<UnixMs>(i));
    photo.light.photo = id;
    photo.light.taken_at_ms = id.time_ms();
    photo.heavy.sha256 = std::string(64, '0');
    photo.heavy.original_key = BlobKey{"local", id, 0, "original"}.to_string();
    photo.heavy.job.id = {id.value + 1};
    photo.heavy.job.owner = "local";
    photo.heavy.job.photo = id;
    photo.heavy.job.recipe = builtin_recipes().front();
    must(index->create("local", photo));
    const BlobKey key{"local", id, 0, "256.webp-1"};
    const BlobPut put{key, as_bytes(files[i])};
    must(blobs->put_all({&put, 1}));
    Manifest manifest;
    for (const Rung& rung : photo.heavy.job.recipe.rungs) {
      Variant variant;
      variant.name = rung.name();
      variant.blob_key = key.to_string();
      variant.bytes = files[i].size();
      variant.width = 256;
      variant.sha256 = to_hex(sha256(as_bytes(files[i])));
      manifest.variants.push_back(variant);
    }
    LightUpdate update;
    update.complete = true;
    must(index->commit_manifest("local", id, manifest, update));
  }
  GatewayConfig config;
  config.access_folder = folder + "/access";
  const auto gateway =
      must(start_gateway(config, {*blobs, *index, *store.jobs, *queue, *events, clock, metrics, log,
                                  [] { return std::string("{}"); }, &blobs->at_hand(), &index->at_hand()}));
  const std::string url = gateway->url();
  const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  if (::write(report_to, &port, sizeof port) != sizeof port) give_up("the pipe broke");
  for (;;) ::pause();
}

class FarmServer final : public Server {
 public:
  FarmServer(const std::string& folder, const std::vector<std::string>& files) {
    int ends[2];
    if (::pipe(ends) != 0) give_up("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) serve_farm(ends[1], folder, files);
    ::close(ends[1]);
    const UniqueFd reader(ends[0]);
    if (::read(reader.get(), &port, sizeof port) != sizeof port) give_up("the gateway did not start");
    const std::string list = HttpFetcher(port, 1).get("/v1/photos?urls=256.webp&limit=1000");
    for (std::size_t at = list.find("\"url\":\""); at != list.npos; at = list.find("\"url\":\"", at + 1)) {
      targets.push_back(list.substr(at + 7, list.find('"', at + 7) - at - 7));
    }
    if (targets.size() != files.size()) give_up("the gateway lists other photos than it was given");
  }
};

struct Rate {
  double per_second = 0;      // answered
  double per_cpu_second = 0;  // of the server
};

Rate measure(const Server& server) {
  std::atomic<long> answered = 0;
  const auto ask = [&](double until) {
    std::vector<std::jthread> clients;
    for (int c = 0; c < 2; ++c) {
      clients.emplace_back([&] {
        HttpFetcher fetcher(server.port, kConnections / 2);
        std::vector<std::string> targets;
        for (int i = 0; i < 32; ++i) targets.insert(targets.end(), server.targets.begin(), server.targets.end());
        while (now_seconds() < until) {
          fetcher.get_all(targets);
          answered += static_cast<long>(targets.size());
        }
      });
    }
  };
  ask(now_seconds() + 0.5);
  answered = 0;
  const double cpu = server.cpu_seconds();
  const double start = now_seconds();
  ask(start + kSeconds);
  const double seconds = now_seconds() - start;
  const auto count = static_cast<double>(answered.load());
  return {count / seconds, count / (server.cpu_seconds() - cpu)};
}

int run(int argc, char** argv) {
  BenchReport report("cached-reads", parse_bench_options(argc, argv, "bench/run cached-reads [--json FILE] [--check]"));
  if (std::thread::hardware_concurrency() < 2) give_up("it takes two cores: one for the server, one for its client");
  stay_on(1, static_cast<int>(std::thread::hardware_concurrency()) - 1);
  std::string folder = (fs::temp_directory_path() / "tintype-cached-XXXXXX").string();
  if (!::mkdtemp(folder.data())) give_up("no temporary folder");
  fs::permissions(folder, fs::perms(0755));  // nginx's worker is another user
  Table table({{"bytes", Align::kRight},
               {"server"},
               {"answered a second", Align::kRight},
               {"a second of its CPU", Align::kRight},
               {"of nginx", Align::kRight}});
  for (const std::size_t size : kSizes) {
    const std::vector<std::string> files = make_files(size);
    std::vector<double> ours, theirs, ratios, answered_ours, answered_theirs;
    for (int round = 0; round < kRounds; ++round) {
      std::uint16_t free_port = 0;
      {
        const FarmServer farm(folder, files);
        free_port = farm.port;
        const Rate rate = measure(farm);
        ours.push_back(rate.per_cpu_second);
        answered_ours.push_back(rate.per_second);
      }
      const Nginx nginx(std::format("{}/{}-{}", folder, size, round), files, free_port);
      const Rate rate = measure(nginx);
      theirs.push_back(rate.per_cpu_second);
      answered_theirs.push_back(rate.per_second);
      ratios.push_back(ours.back() / theirs.back());
    }
    const double ratio = median(ratios);
    table.add_row({std::to_string(size), "nginx", std::format("{:.0f}", median(answered_theirs)),
                   std::format("{:.0f}", median(theirs)), "1"});
    table.add_row({std::to_string(size), "tintype", std::format("{:.0f}", median(answered_ours)),
                   std::format("{:.0f}", median(ours)), std::format("{:.2f}", ratio)});
    report.figure(std::format("of_nginx_{}kb", size / 1000), ratio, "",
                  std::format("requests a CPU second, {} bytes, over nginx's", size));
    report.figure(std::format("per_cpu_second_{}kb", size / 1000), median(ours), "/s",
                  std::format("requests a second of one core, {} bytes", size));
  }
  fs::remove_all(folder);
  report.table("From memory, one core, 32 connections; medians of three rounds", table);
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) { return tintype::bench::run(argc, argv); }
