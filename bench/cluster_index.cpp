// Index operations and uploads on Ceph beside the embedded store: latency with 1 and 16 clients, reads and
// writes mixed. A Ceph of one monitor and three OSDs is brought up on this machine, in TMPDIR, or
// TINTYPE_CLUSTER names the folder of one.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "bench/support/bench_report.h"
#include "storage_client/embedded/embedded_store.h"
#include "storage_client/rados/rados_store.h"

namespace tintype::bench {
namespace {

constexpr UnixMs kStartMs = 1'700'000'000'000;
constexpr int kPhotos = 2'000;
constexpr int kUploads = 60;
constexpr std::size_t kOriginalBytes = 3'000'000;
const std::string kOwner = "anna";

// The bench stops at the first thing that fails: a figure of a failing store means nothing.
template <typename T>
T check(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().to_string().c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

PhotoId photo_at(int i) { return PhotoId::first_at(kStartMs + i); }

Photo photo_of(int i) {
  Photo photo;
  photo.light.photo = photo_at(i);
  photo.light.taken_at_ms = kStartMs - i;
  photo.light.bytes = kOriginalBytes;
  photo.light.thumbhash = std::string(25, 'h');
  photo.heavy.sha256 = std::string(64, 'a');
  photo.heavy.original_key = BlobKey{kOwner, photo_at(i), 0, "original"}.to_string();
  photo.heavy.job.id = photo_at(i);
  photo.heavy.job.owner = kOwner;
  photo.heavy.job.photo = photo_at(i);
  photo.heavy.job.recipe = builtin_recipes().front();
  return photo;
}

struct Seams {
  std::string name;
  BlobStore& blobs;
  PhotoIndex& index;
};

using Milliseconds = std::vector<double>;

double at_rank(const Milliseconds& sorted, double rank) {
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(rank * static_cast<double>(sorted.size())))];
}

enum class Kind : std::uint8_t { kRead, kWrite };
struct Times {
  Milliseconds reads, writes;  // in rising order
};

// operation(0) to operation(count - 1) on `clients` threads; each says what it was.
Times timed(int count, int clients, const std::function<Kind(int)>& operation) {
  std::atomic<int> next = 0;
  std::vector<Times> times(static_cast<std::size_t>(clients));
  const SystemClock clock;
  {
    std::vector<std::jthread> threads;
    for (Times& mine : times) {
      threads.emplace_back([&] {
        for (int i = next++; i < count; i = next++) {
          const double began_s = clock.steady_seconds();
          const Kind kind = operation(i);
          (kind == Kind::kRead ? mine.reads : mine.writes).push_back((clock.steady_seconds() - began_s) * 1e3);
        }
      });
    }
  }
  Times all;
  for (const Times& mine : times) {
    std::ranges::copy(mine.reads, std::back_inserter(all.reads));
    std::ranges::copy(mine.writes, std::back_inserter(all.writes));
  }
  std::ranges::sort(all.reads);
  std::ranges::sort(all.writes);
  return all;
}

class Comparison {
 public:
  explicit Comparison(BenchReport& report) : report_(report) {}

  void measure(const Seams& store) {
    for (int clients : {1, 16}) {
      const int count = clients == 1 ? 2'000 : 8'000;
      // Every fourth operation writes: a manifest's commit.
      const Times mixed = timed(count, clients, [&](int i) {
        const PhotoId photo = photo_at(i * 7919 % kPhotos);
        if (i % 4 == 0) {
          const auto stored = check(store.index.get(kOwner, photo));
          const Status done = store.index.commit_manifest(kOwner, photo, stored.heavy.manifest, {});
          if (!done && done.error().code != ErrorCode::kConflict) check(done);
          return Kind::kWrite;
        }
        if (i % 4 == 1) {
          ListQuery query;
          query.limit = 50;
          query.to_ms = kStartMs + i % kPhotos + 50;
          check(store.index.list(kOwner, query));
        } else {
          check(store.index.owns_blobs(kOwner, photo));
        }
        return Kind::kRead;
      });
      row(store, "light read", std::format("reads_{}_{}", store.name, clients), clients, mixed.reads);
      row(store, "get and commit", "", clients, mixed.writes);
      const Bytes original = Bytes::copy_of(std::vector<std::uint8_t>(kOriginalBytes, 7));
      const Times uploads = timed(kUploads, clients, [&](int i) {
        const int number = kPhotos + clients * kUploads + i;
        auto writer = check(store.blobs.create({kOwner, photo_at(number), 0, "original"}, original.size()));
        check(writer->write(original));
        check(writer->commit());
        check(store.index.create(kOwner, photo_of(number)));
        return Kind::kWrite;
      });
      row(store, "upload of 3 MB, to 201", std::format("upload_{}_{}", store.name, clients), clients, uploads.writes);
    }
  }

  void finish() {
    report_.table("latency in milliseconds", table_);
    report_.figure("upload_price", upload_p50_.at("rados") / upload_p50_.at("embedded"), "x",
                   "an upload's median time on Ceph (three replicas on this machine's one disk) to the "
                   "embedded store's, one client");
  }

 private:
  void row(const Seams& store, const std::string& what, const std::string& key, int clients, const Milliseconds& ms) {
    table_.add_row({store.name, what, std::to_string(clients), std::format("{:.2f}", at_rank(ms, 0.5)),
                    std::format("{:.2f}", at_rank(ms, 0.99)), std::format("{:.2f}", at_rank(ms, 0.999))});
    if (key.starts_with("reads"))
      report_.figure(key + "_p999_ms", at_rank(ms, 0.999), "ms",
                     "99.9 % of light reads, a quarter of operations being commits");
    if (key.starts_with("upload") && clients == 1) upload_p50_[store.name] = at_rank(ms, 0.5);
  }

  BenchReport& report_;
  std::map<std::string, double> upload_p50_;
  Table table_{{{"store"},
                {"operation"},
                {"clients", Align::kRight},
                {"p50", Align::kRight},
                {"p99", Align::kRight},
                {"p99.9", Align::kRight}}};
};

void fill(PhotoIndex& index) {
  timed(kPhotos, 16, [&](int i) {
    check(index.create(kOwner, photo_of(i)));
    return Kind::kWrite;
  });
}

int run(BenchReport& report) {
  std::string dir = (std::filesystem::temp_directory_path() / "tintype-cluster-index-XXXXXX").string();
  if (!::mkdtemp(dir.data())) check(Status(fail(error_from_errno(errno, "making a folder like " + dir))));
  const SystemClock clock;
  Logger log(LogLevel::kError);
  Comparison comparison(report);
  {
    EmbeddedStoreConfig config;
    config.dir = dir + "/store";
    const auto store = check(open_embedded_store(config, clock, log));
    fill(store->index());
    comparison.measure({"embedded", store->blobs(), store->index()});
  }
  const char* given = std::getenv("TINTYPE_CLUSTER");
  const std::string script = std::string(TINTYPE_SOURCE_DIR) + "/deploy/cluster.d/ceph ";
  const std::string cluster = given ? given : dir + "/ceph";
  if (!given && std::system((script + "up " + cluster).c_str()) != 0) return EXIT_FAILURE;
  {
    RadosStoreConfig config;
    config.conf_path = cluster + "/ceph.conf";
    config.farm = "bench" + std::to_string(clock.now_ms());
    const auto store = check(open_rados_store(config, clock, log));
    fill(store->index());
    comparison.measure({"rados", store->blobs(), store->index()});
  }
  if (!given && std::system((script + "down " + cluster).c_str()) != 0) return EXIT_FAILURE;
  std::filesystem::remove_all(dir);
  comparison.finish();
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  using namespace tintype::bench;
  BenchReport report("cluster-index",
                     parse_bench_options(argc, argv, "bench/run cluster-index [--json FILE] [--check]"));
  return run(report);
}
