// The page: a list of 100 photos and its 100 thumbnails, from a user with 100,000, over HTTP, idle and while bulk jobs fill the lanes.
//
// Open loop: pages are asked for at a stated rate whether or not the ones before have come, and each is timed from
// when it was due. A page is one list of a random date range, then 100 thumbnails over 6 connections, as a browser
// loads them. Cold: the farm has just started and the kernel's file cache was dropped for its files; every page is
// another range. Warm: 20 ranges again and again. The bulk jobs are the photos of DIR (sample photographs without
// it), enough to keep every lane busy. Index operations are timed on the same store, before the farm opens it.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include "bench/support/bench_report.h"
#include "bench/support/farm_process.h"
#include "bench/support/http_fetcher.h"
#include "bench/support/latencies.h"
#include "core/base/digest.h"
#include "storage_client/embedded/embedded_store.h"

namespace tintype::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kPhotos = 100'000;
constexpr int kWriters = 64;  // share each flush of the disk
constexpr UnixMs kFirstMs = 1'400'000'000'000;
constexpr UnixMs kApartMs = 3'600'000;
constexpr double kPagesASecond = 5;
constexpr double kPhaseSeconds = 25;
constexpr int kLoaders = 12;
constexpr int kConnections = 6;
constexpr int kHotRanges = 20;
constexpr double kIndexOperationsASecond = 500;
constexpr double kIndexSeconds = 15;
constexpr int kBulkPhotos = 60;
const std::string kOwner = "local";

template <typename T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "page: %s\n", result.error().to_string().c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

Photo photo_number(int number) {
  Photo photo;
  const PhotoId id{PhotoId::first_at(kFirstMs + number * kApartMs).value + static_cast<std::uint64_t>(number)};
  photo.light.photo = id;
  photo.light.taken_at_ms = id.time_ms();
  photo.light.bytes = 3'000'000;
  photo.heavy.sha256 = std::string(64, '0');
  photo.heavy.file_name = std::format("IMG_{:05}.jpg", number);
  photo.heavy.original_key = BlobKey{kOwner, id, 0, "original"}.to_string();
  photo.heavy.job.id = {id.value + 1};
  photo.heavy.job.owner = kOwner;
  photo.heavy.job.photo = id;
  photo.heavy.job.recipe = builtin_recipes().front();
  return photo;
}

BlobKey thumbnail_key(PhotoId id) { return {kOwner, id, 0, "256.webp-1"}; }

Manifest manifest_of(const Photo& photo, std::size_t thumbnail_bytes) {
  Manifest manifest;
  manifest.recipe_name = photo.heavy.job.recipe.name;
  manifest.recipe_version = photo.heavy.job.recipe.version();
  for (const Rung& rung : photo.heavy.job.recipe.rungs) {
    Variant variant;
    variant.name = rung.name();
    variant.blob_key = thumbnail_key(photo.light.photo).to_string();
    variant.width = 256;
    variant.height = 192;
    variant.bytes = thumbnail_bytes;
    variant.format = rung.format;
    variant.sha256 = std::string(64, 'a');
    variant.encoder = "bench";
    manifest.variants.push_back(variant);
  }
  return manifest;
}

LightUpdate done() {
  LightUpdate update;
  update.width = 4000;
  update.height = 3000;
  update.format = ImageFormat::kJpeg;
  update.complete = true;
  update.thumbhash = std::string(24, 't');
  return update;
}

void each_in_threads(int count, const std::function<void(int)>& work) {
  std::atomic<int> next = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kWriters; ++t) {
    threads.emplace_back([&] {
      for (int i = next++; i < count; i = next++) work(i);
    });
  }
}

// 100,000 photos, each with a thumbnail of 3 to 8 KB.
void fill(EmbeddedStore& store) {
  std::mt19937 random(1);
  std::string noise(1 << 20, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  constexpr int kTogether = 500;
  for (int first = 0; first < kPhotos; first += kTogether) {
    std::vector<BlobPut> puts;
    for (int i = first; i < first + kTogether; ++i) {
      const std::size_t size = 3000 + random() % 5000;
      puts.push_back({thumbnail_key(photo_number(i).light.photo), as_bytes(std::string_view(noise).substr(random() % 900'000, size))});
    }
    must(store.blobs().put_all(puts));
  }
  each_in_threads(kPhotos, [&](int i) {
    const Photo photo = photo_number(i);
    must(store.index().create(kOwner, photo));
    must(store.index().commit_manifest(kOwner, photo.light.photo, manifest_of(photo, 5000), done()));
  });
}

ListQuery random_range(std::mt19937& random) {
  ListQuery query;
  const int first = static_cast<int>(random() % (kPhotos - 2000));
  query.from_ms = kFirstMs + first * kApartMs;
  query.to_ms = *query.from_ms + static_cast<UnixMs>(200 + random() % 1800) * kApartMs;
  return query;
}

// Calls work(i) at `per_second`, on as many threads as it takes; answers are timed from when they were due.
void open_loop(double per_second, double seconds, int threads, Latencies& latencies, const std::function<void(int thread)>& work) {
  const int count = static_cast<int>(per_second * seconds);
  const double start = now_seconds() + 0.1;
  std::atomic<int> next = 0;
  std::vector<std::jthread> workers;
  for (int t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      for (int i = next++; i < count; i = next++) {
        const double due = start + i / per_second;
        while (now_seconds() < due) std::this_thread::sleep_for(std::chrono::duration<double>(std::max(0.0, due - now_seconds())));
        work(t);
        latencies.add(now_seconds() - due);
      }
    });
  }
}

// Half lists, a third single photos, the rest writes: new photos, commits, removals.
void measure_index(BenchReport& report, EmbeddedStore& store) {
  Latencies all, reads, writes;
  std::atomic<int> fresh = kPhotos;
  std::vector<std::mt19937> randoms;
  for (int t = 0; t < kLoaders; ++t) randoms.emplace_back(t);
  open_loop(kIndexOperationsASecond, kIndexSeconds, kLoaders, all, [&](int thread) {
    std::mt19937& random = randoms[static_cast<std::size_t>(thread)];
    const double start = now_seconds();
    const auto what = random() % 100;
    if (what < 50) {
      must(store.index().list(kOwner, random_range(random)));
    } else if (what < 80) {
      must(store.index().get(kOwner, photo_number(static_cast<int>(random() % kPhotos)).light.photo));
    } else {
      const Photo photo = photo_number(fresh++);
      must(store.index().create(kOwner, photo));
      const double between = now_seconds();
      if (what >= 90) must(store.index().commit_manifest(kOwner, photo.light.photo, manifest_of(photo, 5000), done()));
      if (what < 90 || what >= 95) must(store.index().remove(kOwner, photo.light.photo));
      writes.add(between - start);
      writes.add((now_seconds() - between) / (what >= 95 ? 2 : 1));
      return;
    }
    reads.add(now_seconds() - start);
  });
  Table table = Latencies::table();
  reads.add_row_to(table, "list of 100, and one photo");
  writes.add_row_to(table, "create, commit, remove: each on disk");
  all.add_row_to(table, "all, from when they were due");
  report.table(std::format("Index operations, {:.0f} a second, a fifth of them writes", kIndexOperationsASecond), table);
  report.figure("index_p999_ms", all.within_ms(0.999), "ms", "99.9 % of mixed index operations, from when they were due");
  report.figure("index_read_p999_ms", reads.within_ms(0.999), "ms", "99.9 % of lists and single photos among them");
}

void drop_from_file_cache(const std::string& folder) {
  ::sync();
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const UniqueFd fd(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
    if (fd) ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
  }
}

std::vector<std::string> thumbnails_in(const std::string& list) {
  std::vector<std::string> targets;
  for (std::size_t at = list.find("\"id\":\""); at != std::string::npos; at = list.find("\"id\":\"", at + 1)) {
    targets.push_back("/v1/photos/" + list.substr(at + 6, 13) + "/variants/256.webp");
  }
  return targets;
}

std::string target_of(const ListQuery& query) {
  return std::format("/v1/photos?from={}&to={}&limit=100", *query.from_ms, *query.to_ms);
}

// The p99 of pages.
double measure_pages(Table& table, const std::string& what, std::uint16_t port, bool warm) {
  std::mt19937 hot_random(7);
  std::vector<ListQuery> hot;
  for (int i = 0; i < kHotRanges; ++i) hot.push_back(random_range(hot_random));
  std::vector<std::mt19937> randoms;
  std::vector<HttpFetcher> fetchers;
  for (int t = 0; t < kLoaders; ++t) {
    randoms.emplace_back(std::random_device()());
    fetchers.emplace_back(port, kConnections);
  }
  if (warm) {
    for (const ListQuery& query : hot) fetchers[0].get_all(thumbnails_in(fetchers[0].get(target_of(query))));
  }
  Latencies pages, lists, thumbnails;
  open_loop(kPagesASecond, kPhaseSeconds, kLoaders, pages, [&](int thread) {
    const auto t = static_cast<std::size_t>(thread);
    const ListQuery query = warm ? hot[randoms[t]() % hot.size()] : random_range(randoms[t]);
    const double start = now_seconds();
    const auto targets = thumbnails_in(fetchers[t].get(target_of(query)));
    lists.add(now_seconds() - start);
    if (targets.size() != 100) std::exit((std::fprintf(stderr, "page: a list of %zu\n", targets.size()), 1));
    fetchers[t].get_all(targets, [&](double seconds) { thumbnails.add(seconds); });
  });
  pages.add_row_to(table, what + ": page");
  lists.add_row_to(table, what + ": its list");
  thumbnails.add_row_to(table, what + ": a thumbnail");
  return pages.within_ms(0.99);
}

void submit_bulk_jobs(std::uint16_t port, const std::string& dir) {
  std::vector<std::string> photos;
  for (const auto& entry : fs::directory_iterator(dir)) {
    const std::string extension = entry.path().extension();
    if (extension != ".jpg" && extension != ".jpeg") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    photos.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  if (photos.empty()) std::exit((std::fprintf(stderr, "page: no JPEGs in %s\n", dir.c_str()), 1));
  HttpFetcher fetcher(port, 1, "Tintype-Owner: bulk\r\n");
  for (int i = 0; i < kBulkPhotos; ++i) fetcher.post("/v1/photos?class=bulk", photos[static_cast<std::size_t>(i) % photos.size()]);
}

int run(int argc, char** argv) {
  BenchReport report("page", parse_bench_options(argc, argv, "bench/run page [DIR] [--json FILE] [--check]"));
  const char* photos = std::getenv("TINTYPE_PHOTOS");
  const std::string dir = !report.options().dir.empty() ? report.options().dir : photos && *photos ? photos : "/usr/share/backgrounds";
  std::string folder = (fs::temp_directory_path() / "tintype-page-XXXXXX").string();
  if (!::mkdtemp(folder.data())) return 1;
  const std::string data = folder + "/data";
  fs::create_directories(data + "/store");
  {
    const SystemClock clock;
    Logger log(LogLevel::kError);
    EmbeddedStoreConfig config;
    config.dir = data + "/store";
    const auto store = must(open_embedded_store(config, clock, log));
    const double start = now_seconds();
    fill(*store);
    report.note(std::format("{} photos made in {:.0f} s", kPhotos, now_seconds() - start));
    measure_index(report, *store);
  }
  Table table = Latencies::table();
  struct Phase {
    const char* what;
    const char* key;
    bool warm, loaded;
  };
  constexpr Phase kPhases[] = {{"idle, cold", "idle_cold_p99_ms", false, false},
                               {"idle, warm", "idle_warm_p99_ms", true, false},
                               {"lanes full, cold", "loaded_cold_p99_ms", false, true},
                               {"lanes full, warm", "loaded_warm_p99_ms", true, true}};
  std::unique_ptr<ServedFarm> farm;
  bool loaded = false;
  for (const Phase& phase : kPhases) {
    if (!phase.warm) {
      farm.reset();
      drop_from_file_cache(data);
      farm = std::make_unique<ServedFarm>(data);
    }
    if (phase.loaded && !loaded) {
      submit_bulk_jobs(farm->port(), dir);
      loaded = true;
    }
    const double p99 = measure_pages(table, phase.what, farm->port(), phase.warm);
    report.figure(phase.key, p99, "ms", std::format("p99 of a page, {}, {} pages a second", phase.what, kPagesASecond));
  }
  if (HttpFetcher(farm->port(), 1, "Tintype-Owner: bulk\r\n").get("/v1/jobs?state=queued&limit=1").contains("\"jobs\":[]")) {
    report.note("the bulk jobs were done before the last phase was: the loaded figures are not");
  }
  farm.reset();
  fs::remove_all(folder);
  report.table(std::format("A list of 100 and its 100 thumbnails, of {} photos, {} pages a second", kPhotos, kPagesASecond), table);
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) { return tintype::bench::run(argc, argv); }
