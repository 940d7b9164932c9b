// Index operations and uploads on Ceph beside the embedded store: latency of reads and writes mixed, with one client;
// with 16 that never pause, of 16 users and of one (whose index is one object, reads of which wait for its writes);
// and at half of the rate that those of 16 users reach. A Ceph of one monitor and three OSDs is brought up on this
// machine, in TMPDIR, or TINTYPE_CLUSTER names the folder of one.
#include <algorithm>
#include <atomic>
#include <chrono>
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
constexpr int kPhotos = 2'000;  // a user
constexpr int kUploads = 60;
constexpr std::size_t kOriginalBytes = 3'000'000;

constexpr int kUsers = 16;

// How many clients at once, and of how many users.
struct Load {
  int clients = 0;
  int users = 0;
  std::string name;       // in figures
  double per_second = 0;  // operations that are begun, whatever the store takes for them; 0: one after the other
};
const Load kOne{1, 1, "1"};
const Load kMany{16, kUsers, "16"};
const Load kManyOfOneUser{16, 1, "16_of_one_user"};

std::string user_at(int i) { return std::format("user{}", i); }

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

Photo photo_of(const std::string& owner, int i) {
  Photo photo;
  photo.light.photo = photo_at(i);
  photo.light.taken_at_ms = kStartMs - i;
  photo.light.bytes = kOriginalBytes;
  photo.light.thumbhash = std::string(25, 'h');
  photo.heavy.sha256 = std::string(64, 'a');
  photo.heavy.original_key = BlobKey{owner, photo_at(i), 0, "original"}.to_string();
  photo.heavy.job.id = photo_at(i);
  photo.heavy.job.owner = owner;
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
  double per_second = 0;
};

// operation(0, client) to operation(count - 1, client) on as many threads as clients; each says what it was. With a
// rate, times count from when an operation was due: one that had to wait for a client is as slow as it was for a user.
Times timed(int count, const Load& load, const std::function<Kind(int, int)>& operation) {
  std::atomic<int> next = 0;
  std::vector<Times> times(static_cast<std::size_t>(load.clients));
  const SystemClock clock;
  const double start_s = clock.steady_seconds();
  {
    std::vector<std::jthread> threads;
    for (int client = 0; client < load.clients; ++client) {
      threads.emplace_back([&, client] {
        Times& mine = times[static_cast<std::size_t>(client)];
        for (int i = next++; i < count; i = next++) {
          double began_s = clock.steady_seconds();
          if (load.per_second > 0) {
            const double due_s = start_s + i / load.per_second;
            std::this_thread::sleep_for(std::chrono::duration<double>(due_s - began_s));
            began_s = due_s;
          }
          const Kind kind = operation(i, client);
          (kind == Kind::kRead ? mine.reads : mine.writes).push_back((clock.steady_seconds() - began_s) * 1e3);
        }
      });
    }
  }
  Times all;
  all.per_second = count / (clock.steady_seconds() - start_s);
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
    for (const Load& load : {kOne, kMany, kManyOfOneUser}) {
      const double reached = mix(store, load);
      if (load.users > 1) mix(store, {load.clients, load.users, "at_half", reached / 2});
      upload(store, load);
    }
  }

  void finish() {
    report_.table("latency in milliseconds", table_);
    report_.figure("upload_price", upload_p50_.at("rados") / upload_p50_.at("embedded"), "x",
                   "an upload's median time on Ceph (three replicas on this machine's one disk) to the "
                   "embedded store's, one client");
  }

 private:
  // The operations a second. Every fourth operation writes: a manifest's commit.
  double mix(const Seams& store, const Load& load) {
    const int count = load.clients == 1 ? 2'000 : 8'000;
    const Times times = timed(count, load, [&](int i, int client) {
      const std::string owner = user_at(client % load.users);
      const PhotoId photo = photo_at(i * 7919 % kPhotos);
      if (i % 4 == 0) {
        const auto stored = check(store.index.get(owner, photo));
        const Status done = store.index.commit_manifest(owner, photo, stored.heavy.manifest, {});
        if (!done && done.error().code != ErrorCode::kConflict) check(done);
        return Kind::kWrite;
      }
      if (i % 4 == 1) {
        ListQuery query;
        query.limit = 50;
        query.to_ms = kStartMs + i % kPhotos + 50;
        check(store.index.list(owner, query));
      } else {
        check(store.index.owns_blobs(owner, photo));
      }
      return Kind::kRead;
    });
    add_row(store, "light read", load, times.per_second, times.reads);
    add_row(store, "get and commit", load, times.per_second, times.writes);
    report_.figure(std::format("reads_{}_{}_p999_ms", store.name, load.name), at_rank(times.reads, 0.999), "ms",
                   "99.9 % of light reads, a quarter of operations being commits");
    return times.per_second;
  }

  void upload(const Seams& store, const Load& load) {
    const Bytes original = Bytes::copy_of(std::vector<std::uint8_t>(kOriginalBytes, 7));
    const Times times = timed(kUploads, load, [&](int, int client) {
      const std::string owner = user_at(client % load.users);
      const int number = next_photo_++;
      auto writer = check(store.blobs.create({owner, photo_at(number), 0, "original"}, original.size()));
      check(writer->write(original));
      check(writer->commit());
      check(store.index.create(owner, photo_of(owner, number)));
      return Kind::kWrite;
    });
    add_row(store, "upload of 3 MB, to 201", load, times.per_second, times.writes);
    if (load.clients == 1) upload_p50_[store.name] = at_rank(times.writes, 0.5);
  }

  void add_row(const Seams& store, const std::string& what, const Load& load, double per_second,
               const Milliseconds& ms) {
    table_.add_row({store.name, what, std::to_string(load.clients), std::to_string(load.users),
                    std::format("{:.0f}", per_second), std::format("{:.2f}", at_rank(ms, 0.5)),
                    std::format("{:.2f}", at_rank(ms, 0.99)), std::format("{:.2f}", at_rank(ms, 0.999))});
  }

  BenchReport& report_;
  std::atomic<int> next_photo_ = kPhotos;
  std::map<std::string, double> upload_p50_;
  Table table_{{{"store"},
                {"operation"},
                {"clients", Align::kRight},
                {"users", Align::kRight},
                {"all per s", Align::kRight},
                {"p50", Align::kRight},
                {"p99", Align::kRight},
                {"p99.9", Align::kRight}}};
};

void fill(PhotoIndex& index) {
  timed(kPhotos * kUsers, kMany, [&](int i, int) {
    const std::string owner = user_at(i % kUsers);
    check(index.create(owner, photo_of(owner, i / kUsers)));
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
