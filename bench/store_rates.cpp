// What the embedded store costs: operations a second and CPU of each, one caller and eight.
//
//   bench_store_rates [FOLDER]    FOLDER: on the disk to measure; a temporary one if none is given
#include <sys/resource.h>
#include <sys/statfs.h>

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

#include "storage_client/embedded/embedded_store.h"

namespace {

using namespace tintype;

constexpr UnixMs kStartMs = 1'700'000'000'000;
constexpr std::size_t kVariantBytes = 30 << 10;
constexpr std::size_t kPieceBytes = 64 << 10;
const std::string kOwner = "anna";

// The bench stops at the first thing that fails: a figure of a failing store means nothing.
void check(const Status& status) {
  if (status) return;
  std::fprintf(stderr, "%s\n", status.error().to_string().c_str());
  std::exit(1);
}
template <typename T>
T check(Result<T> result) {
  if (!result) check(fail(result.error()));
  return *std::move(result);
}

double cpu_seconds() {
  rusage use;
  ::getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

// Runs operation(0) to operation(count - 1) on `threads` threads and prints a line of the table.
void measure(const char* name, int count, int threads, const std::function<void(int)>& operation) {
  const SystemClock clock;
  std::atomic<int> next = 0;
  const double cpu_before = cpu_seconds();
  const double started = clock.steady_seconds();
  {
    std::vector<std::jthread> workers;
    for (int t = 0; t < threads; ++t) {
      workers.emplace_back([&] {
        for (int i = next++; i < count; i = next++) operation(i);
      });
    }
  }
  const double seconds = clock.steady_seconds() - started;
  const double cpu = cpu_seconds() - cpu_before;
  std::printf("%-34s %7d %8d %12.0f %12.3f %12.1f\n", name, threads, count, count / seconds,
              seconds * threads * 1e3 / count, cpu * 1e6 / count);
  std::fflush(stdout);
}

PhotoId photo_at(int i) { return PhotoId::first_at(kStartMs + i); }

Photo photo_of(int i) {
  Photo photo;
  photo.light = {.photo = photo_at(i), .taken_at_ms = kStartMs - i, .bytes = 3'000'000, .thumbhash = std::string(25, 'h')};
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

void run(const std::string& dir) {
  const SystemClock clock;
  Logger log(LogLevel::kError);
  EmbeddedStoreConfig config;
  config.dir = dir;
  auto store = check(open_embedded_store(config, clock, log));
  PhotoIndex& index = store->index();
  BlobStore& blobs = store->blobs();
  JobStore& jobs = store->jobs();
  Bytes variant(kVariantBytes);
  for (std::size_t i = 0; i < variant.size(); ++i) variant.data()[i] = static_cast<std::uint8_t>(i * 2654435761u >> 13);
  const Bytes original = Bytes::copy_of(std::vector<std::uint8_t>(3'000'000, 7));

  std::printf("%-34s %7s %8s %12s %12s %12s\n", "operation", "callers", "count", "ops/s", "ms each", "CPU us each");
  constexpr int kMany = 100'000;
  constexpr int kFew = 1'000;
  int made = 0;
  const auto create = [&](int i) { check(index.create(kOwner, photo_of(made + i))); };
  const auto commit = [&](int i) {
    check(index.commit_manifest(kOwner, photo_at(made + i), manifest_of(made + i),
                                {.taken_at_ms = {}, .width = 4000, .height = 3000, .format = ImageFormat::kJpeg,
                                 .complete = true, .failed = {}, .thumbhash = {}}));
  };
  for (int threads : {1, 8}) {
    measure("building the rows, no store", kFew, threads, [&](int i) {
      to_json(photo_of(i).heavy.job);
      to_json(manifest_of(i));
    });
    measure("create", kFew, threads, create);
    measure("commit_manifest", kFew, threads, commit);
    measure("put_all of 8 x 30 KiB", kFew, threads, [&](int i) { put_variants(blobs, made + i, variant); });
    measure("original of 3 MB", 200, threads, [&](int i) {
      auto writer = check(blobs.create({kOwner, photo_at(made + i), 0, "original"}, original.size()));
      for (std::size_t at = 0; at < original.size(); at += kPieceBytes) {
        check(writer->write(original.view().subspan(at, std::min(kPieceBytes, original.size() - at))));
      }
      check(writer->commit());
    });
    measure("job put", kFew, threads, [&](int i) { check(jobs.put(record_of(made + i))); });
    measure("job update", kFew, threads, [&](int i) {
      check(jobs.update(photo_at(made + i), [](JobRecord& record) {
        record.state = JobState::kDone;
        return true;
      }));
    });
    measure("get", kFew, threads, [&](int i) { check(index.get(kOwner, photo_at(made + i))); });
    measure("variant opened and read", kFew, threads, [&](int i) {
      check(read_blob(blobs, {kOwner, photo_at(made + i), 0, "512.webp-01jd000000000"}, kVariantBytes));
    });
    made += kFew;
  }
  measure("create, to 100,000 photos", kMany - made, 8, create);
  for (ListOrder order : {ListOrder::kUploaded, ListOrder::kTaken}) {
    measure(order == ListOrder::kTaken ? "list 100 of 100,000 by taken" : "list 100 of 100,000 by uploaded", 2'000, 1,
            [&](int i) {
              ListQuery query;
              query.by = order;
              query.to_ms = order == ListOrder::kTaken ? kStartMs - i * 40 : kStartMs + kMany - i * 40;
              check(index.list(kOwner, query));
            });
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string dir = (std::filesystem::path(argc > 1 ? argv[1] : std::filesystem::temp_directory_path()) /
                     "tintype-store-rates-XXXXXX")
                        .string();
  if (!::mkdtemp(dir.data())) {
    std::fprintf(stderr, "cannot make a folder like %s\n", dir.c_str());
    return 1;
  }
  run(dir);
  std::filesystem::remove_all(dir);
}
