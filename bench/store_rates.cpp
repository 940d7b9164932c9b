// What the embedded store costs: operations a second and CPU of each, one caller and eight. On the disk of TMPDIR.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "bench/support/bench_report.h"
#include "storage_client/embedded/embedded_store.h"

namespace tintype::bench {
namespace {

using namespace tintype;

constexpr UnixMs kStartMs = 1'700'000'000'000;
constexpr std::size_t kVariantBytes = 30 << 10;
constexpr std::size_t kPieceBytes = 64 << 10;
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

double cpu_seconds() {
  rusage use;
  ::getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

class Measurements {
 public:
  explicit Measurements(BenchReport& report) : report_(report) {}

  // Runs operation(0) to operation(count - 1) on `callers` threads: a line of the table, and a figure if it has a key.
  // CPU is this whole process's, RocksDB's background work too.
  void run(const std::string& name, const std::string& key, int count, int callers,
           const std::function<void(int)>& operation) {
    std::atomic<int> next = 0;
    const double cpu_before = cpu_seconds();
    const double started = clock_.steady_seconds();
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < callers; ++t) {
        threads.emplace_back([&] {
          for (int i = next++; i < count; i = next++) operation(i);
        });
      }
    }
    const double seconds = clock_.steady_seconds() - started;
    const double cpu_us = (cpu_seconds() - cpu_before) * 1e6 / count;
    table_.add_row({name, std::to_string(callers), std::format("{:.0f}", count / seconds),
                    std::format("{:.2f}", seconds * callers * 1e3 / count), std::format("{:.0f}", cpu_us)});
    if (!key.empty()) report_.figure(key, cpu_us, "us", "CPU of one " + name);
  }

  const Table& table() const { return table_; }

 private:
  BenchReport& report_;
  SystemClock clock_;
  Table table_{{{"operation"},
                {"callers", Align::kRight},
                {"a second", Align::kRight},
                {"ms each", Align::kRight},
                {"CPU us each", Align::kRight}}};
};

PhotoId photo_at(int i) { return PhotoId::first_at(kStartMs + i); }

Photo photo_of(int i) {
  Photo photo;
  photo.light = {
      .photo = photo_at(i), .taken_at_ms = kStartMs - i, .bytes = 3'000'000, .thumbhash = std::string(25, 'h')};
  photo.heavy.file_name = "IMG_20260801_120000.jpg";
  photo.heavy.content_type = "image/jpeg";
  photo.heavy.sha256 = std::string(64, 'a');
  photo.heavy.original_key = BlobKey{kOwner, photo_at(i), 0, "original"}.to_string();
  photo.heavy.idempotency_key = std::format("{}-{}", photo.heavy.sha256, i);
  photo.heavy.job.id = photo_at(i);
  photo.heavy.job.owner = kOwner;
  photo.heavy.job.photo = photo_at(i);
  photo.heavy.job.recipe = builtin_recipes().front();
  return photo;
}

Manifest manifest_of(int i) {
  Manifest manifest;
  manifest.recipe_name = "web";
  manifest.recipe_version = "0123456789abcdef";
  for (const Rung& rung : builtin_recipes().front().rungs) {
    Variant variant;
    variant.name = rung.name();
    variant.blob_key = BlobKey{kOwner, photo_at(i), 0, rung.name() + "-01jd000000000"}.to_string();
    variant.width = rung.long_side_px;
    variant.height = rung.long_side_px * 3 / 4;
    variant.bytes = kVariantBytes;
    variant.format = rung.format;
    variant.sha256 = std::string(64, 'b');
    variant.encoder = "aom 3.12.1 (libavif 1.2.1)";
    variant.encode_seconds = 0.123;
    manifest.variants.push_back(variant);
  }
  return manifest;
}

JobRecord record_of(int i) {
  JobRecord record;
  record.job = photo_of(i).heavy.job;
  Attempt attempt;
  attempt.node = "node-1";
  for (const char* task : {"probe", "decode+resize+encode x8"}) {
    Decision decision;
    decision.task = task;
    decision.candidates = {{"cpu-0", 0.1, 0.4, ""}, {"cpu-1", 0.2, 0.4, ""}, {"opencl-0", 0, 0, "cannot encode avif"}};
    decision.chosen = "cpu-0";
    decision.reason = "predicted to finish first";
    decision.outcome = "ok";
    attempt.decisions.push_back(decision);
  }
  record.attempts.push_back(attempt);
  return record;
}

void put_variants(BlobStore& blobs, int i, const Bytes& bytes) {
  std::vector<BlobPut> puts;
  for (const Rung& rung : builtin_recipes().front().rungs) {
    puts.push_back({BlobKey{kOwner, photo_at(i), 0, rung.name() + "-01jd000000000"}, bytes});
  }
  check(blobs.put_all(puts));
}

void put_original(BlobStore& blobs, int i, const Bytes& bytes) {
  auto writer = check(blobs.create({kOwner, photo_at(i), 0, "original"}, bytes.size()));
  for (std::size_t at = 0; at < bytes.size(); at += kPieceBytes) {
    check(writer->write(bytes.view().subspan(at, std::min(kPieceBytes, bytes.size() - at))));
  }
  check(writer->commit());
}

void commit(PhotoIndex& index, int i) {
  LightUpdate update;
  update.width = 4000;
  update.height = 3000;
  update.format = ImageFormat::kJpeg;
  update.complete = true;
  check(index.commit_manifest(kOwner, photo_at(i), manifest_of(i), update));
}

// The steps of a job, and reading its results.
void one_photo_at_a_time(Measurements& measurements, EmbeddedStore& store, int first, int callers) {
  constexpr int kCount = 1'000;
  const Bytes variant = Bytes::copy_of(std::vector<std::uint8_t>(kVariantBytes, 1));
  const Bytes original = Bytes::copy_of(std::vector<std::uint8_t>(3'000'000, 7));
  PhotoIndex& index = store.index();
  BlobStore& blobs = store.blobs();
  JobStore& jobs = store.jobs();
  const auto key = [&](const char* name) { return callers == 1 ? std::string(name) + "_cpu_us" : std::string(); };
  const auto run = [&](const char* name, const std::string& figure, int count, const std::function<void(int)>& work) {
    measurements.run(name, figure, count, callers, [&](int i) { work(first + i); });
  };
  run("job and manifest to JSON, no store", "", kCount, [&](int i) {
    to_json(photo_of(i).heavy.job);
    to_json(manifest_of(i));
  });
  run("create", key("create"), kCount, [&](int i) { check(index.create(kOwner, photo_of(i))); });
  run("put_all of 8 x 30 KiB", key("put_all"), kCount, [&](int i) { put_variants(blobs, i, variant); });
  run("commit_manifest", key("commit_manifest"), kCount, [&](int i) { commit(index, i); });
  run("original of 3 MB", key("original_3mb"), 200, [&](int i) { put_original(blobs, i, original); });
  run("job put", key("job_put"), kCount, [&](int i) { check(jobs.put(record_of(i))); });
  run("job update", key("job_update"), kCount, [&](int i) {
    check(jobs.update(photo_at(i), [](JobRecord& record) {
      record.state = JobState::kDone;
      return true;
    }));
  });
  run("get", key("get"), kCount, [&](int i) { check(index.get(kOwner, photo_at(i))); });
  run("variant opened and read", key("variant_read"), kCount,
      [&](int i) { check(read_blob(blobs, {kOwner, photo_at(i), 0, "512.webp-01jd000000000"}, kVariantBytes)); });
}

void lists_of_many(Measurements& measurements, PhotoIndex& index, int first) {
  constexpr int kMany = 100'000;
  measurements.run("create, to 100,000 photos", "", kMany - first, 8,
                   [&](int i) { check(index.create(kOwner, photo_of(first + i))); });
  const auto list = [&](const char* name, const char* key, ListOrder order, UnixMs newest_ms) {
    measurements.run(name, key, 2'000, 1, [&](int i) {
      ListQuery query;
      query.by = order;
      query.to_ms = newest_ms - i * 40;
      check(index.list(kOwner, query));
    });
  };
  list("list 100 of 100,000 by uploaded", "list_uploaded_cpu_us", ListOrder::kUploaded, kStartMs + kMany);
  list("list 100 of 100,000 by taken", "list_taken_cpu_us", ListOrder::kTaken, kStartMs);
}

int run(BenchReport& report) {
  std::string dir = (std::filesystem::temp_directory_path() / "tintype-store-rates-XXXXXX").string();
  if (!::mkdtemp(dir.data())) check(Status(fail(error_from_errno(errno, "making a folder like " + dir))));
  Measurements measurements(report);
  {
    const SystemClock clock;
    Logger log(LogLevel::kError);
    EmbeddedStoreConfig config;
    config.dir = dir;
    const auto store = check(open_embedded_store(config, clock, log));
    one_photo_at_a_time(measurements, *store, 0, 1);
    one_photo_at_a_time(measurements, *store, 1'000, 8);
    lists_of_many(measurements, store->index(), 2'000);
  }
  std::filesystem::remove_all(dir);
  report.table("embedded store in " + dir, measurements.table());
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  using namespace tintype::bench;
  BenchReport report("store-rates", parse_bench_options(argc, argv, "bench/run store-rates [--json FILE] [--check]"));
  return run(report);
}
